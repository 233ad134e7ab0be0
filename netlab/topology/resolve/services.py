"""The services of a node, each socket of them one server program."""

from __future__ import annotations

from netlab.topology.hints import did_you_mean, shown
from netlab.topology.marks import Path
from netlab.topology.model import program as file
from netlab.topology.model.service import WELL_KNOWN, Listen
from netlab.topology.model.service import Service as Model
from netlab.topology.plan import Node, Reading, Service
from netlab.topology.problems import Problems
from netlab.topology.program import ProgramService
from netlab.topology.resolve.directory import parsed_address
from netlab.topology.resolve.nodes import NodeDraft
from netlab.topology.resolve.stacks import stack_of

WORKERS = 4


def services(node: Node, draft: NodeDraft, problems: Problems) -> tuple[Service, ...]:
    made: list[Service] = []
    for index, model in enumerate(draft.services):
        if isinstance(model, file.ProgramService):
            continue
        path = (*draft.services_path, index)
        address = _address(model, node, path, problems)
        for listen in model.listens:
            service = _service(model, listen, address)
            clash = next((other for other in made if _clash(other, service)), None)
            if clash is not None:
                problems.add(
                    path,
                    f"{service.name} cannot listen on the same address and port as {clash.name}",
                )
            made.append(service)
    return tuple(made)


def programs(draft: NodeDraft, problems: Problems) -> tuple[ProgramService, ...]:
    """The services that are programs of the user's own; their names differ."""
    made: dict[str, ProgramService] = {}
    for index, model in enumerate(draft.services):
        if not isinstance(model, file.ProgramService):
            continue
        if model.name in made:
            path = (*draft.services_path, index, "name")
            problems.add(path, f"another service of {draft.name} is called {model.name!r}")
        made[model.name] = ProgramService(
            name=model.name,
            command=model.command(model.run),
            ready=model.ready.probe() if model.ready else None,
            within=model.within,
            may_end=model.may_end,
            stack=stack_of(model),
        )
    return tuple(made.values())


def _service(model: Model, listen: Listen, address: str | None) -> Service:
    return Service(
        protocol=model.protocol,
        transport=listen.transport,
        port=listen.port or WELL_KNOWN[model.protocol],
        address=address,
        model=_model(model, listen),
        backlog=model.backlog,
        groups=model.group if listen.transport == "udp" else (),
        think=model.think,
        close_after=model.close_after,
        workers=model.workers or WORKERS,
        accept_lock=model.accept_lock,
        read=Reading(**model.read.model_dump()) if model.read else None,
        size=model.size,
        sigurg=model.sigurg,
        options=model.socket_options(listen.transport),
        stack=stack_of(model),
    )


def _model(model: Model, listen: Listen) -> str | None:
    """A UDP socket has no connections to fork for."""
    if listen.transport == "udp" and model.model in {None, "fork"}:
        return "iterative"
    return model.model


def _clash(one: Service, other: Service) -> bool:
    """Linux lets no socket listen on an address beside one that listens on all."""
    same_port = (one.transport, one.port) == (other.transport, other.port)
    if None not in {one.stack, other.stack} and one.stack is not other.stack:
        return False  # one of them is left out
    return same_port and (one.address == other.address or None in {one.address, other.address})


def _address(model: Model, node: Node, path: Path, problems: Problems) -> str | None:
    """An interface's name stands for its first address."""
    if model.address is None:
        return None
    for interface in node.interfaces:
        if interface.name == model.address and interface.addresses:
            return str(interface.addresses[0].ip)
    literal = parsed_address(model.address)
    own = [str(a.ip) for interface in node.interfaces for a in interface.addresses]
    if literal is not None and str(literal) in own:
        return str(literal)
    names = [interface.name for interface in node.interfaces]
    problems.add(
        (*path, "address"),
        f"{shown(model.address)} is neither an interface nor an address of {node.name}",
        did_you_mean(model.address, [*names, *own]),
    )
    return None
