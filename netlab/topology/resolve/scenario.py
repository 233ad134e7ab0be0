"""Steps: names looked up, addresses found, kinds checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from netlab.topology import steps as plan
from netlab.topology.draft import Draft
from netlab.topology.marks import Path
from netlab.topology.model import step as file
from netlab.topology.problems import Problems
from netlab.topology.resolve import endpoints
from netlab.topology.resolve.directory import Directory, UnresolvedError
from netlab.topology.resolve.names import CONNECTIONS, Named, Names, Thing
from netlab.topology.resolve.telling import told
from netlab.topology.steps import Step, Timing

_UDP = (Thing.UDP, Thing.OPEN)


def scenario(
    draft: Draft, directory: Directory, problems: Problems, *, lenient: bool
) -> tuple[tuple[Step, ...], Names]:
    """``lenient``: nodes and links have problems, so who has which address is not known."""
    names = Names(problems, omitted=draft.omitted, reserved=_given_names(draft.lab.scenario))
    steps = _Steps(directory, names, problems, lenient=lenient)
    made = [
        steps.step(model, draft.path("scenario", index))
        for index, model in enumerate(draft.lab.scenario)
    ]
    return tuple(step for step in made if step is not None), names


def _given_names(models: Iterable[Any]) -> frozenset[str]:
    found: set[str] = set()
    for model in models:
        found |= {getattr(model, key, None) or "" for key in ("name", "process")}
        for branch in getattr(model, "parallel", ()):
            found |= _given_names(branch)
    return frozenset(found)


class _Steps:
    """Makes steps of models, in the order of the file."""

    def __init__(
        self, directory: Directory, names: Names, problems: Problems, *, lenient: bool
    ) -> None:
        self._directory = directory
        self._names = names
        self._problems = problems
        self._lenient = lenient
        self._makers: dict[type, Callable[[Any, Path, dict[str, Any]], Step | None]] = {
            file.Connect: self._connect,
            file.Open: self._open,
            file.Send: self._send,
            file.Receive: self._receive,
            file.Request: self._request,
            file.Shutdown: self._shutdown,
            file.Close: self._close,
            file.Exit: self._exit,
            file.Kill: self._kill,
            file.Exec: self._exec,
            file.SetLink: self._set_link,
            file.Pause: self._pause,
            file.Parallel: self._parallel,
        }

    def step(self, model: file.Timed, path: Path) -> Step | None:
        """None when the step has problems."""
        self._names.check_moment(model.after, (*path, "after"))
        document = self._problems.document
        common = {
            "where": document.where(path),
            "text": told(document.at(path)),
            "timing": Timing(at=model.at, after=model.after, wait=model.wait, within=model.within),
        }
        step = self._makers[type(model)](model, path, common)
        if step is None:
            self._names.excuse(getattr(model, "name", None))
            self._names.excuse(getattr(model, "process", None))
        return step

    def _wrong(self, path: Path, error: ValueError) -> None:
        if not (self._lenient and isinstance(error, UnresolvedError)):
            self._problems.add(path, str(error))

    def _node(self, name: str, path: Path) -> str | None:
        try:
            return self._directory.node(name).name
        except ValueError as error:
            self._problems.add((*path, "node"), str(error))
            return None

    def _connect(self, model: file.Connect, path: Path, common: dict[str, Any]) -> Step | None:
        if self._node(model.node, path) is None:
            return None
        try:
            peer = endpoints.peer(model.connect, self._directory)
        except ValueError as error:
            self._wrong((*path, "connect"), error)
            return None
        try:
            local = endpoints.local(model.local, model.node, peer.version, self._directory)
        except ValueError as error:
            self._wrong((*path, "from"), error)
            return None
        thing = Thing.TCP if peer.transport == "tcp" else Thing.UDP
        return plan.Connect(
            **common,
            node=model.node,
            name=self._defined(model, thing, path),
            transport=peer.transport,
            host=peer.host,
            address=peer.address,
            port=peer.port,
            local_address=local.address,
            local_port=local.port,
            process=model.process,
            options=model.socket_options(path_mtu_discovery=model.path_mtu_discovery),
        )

    def _open(self, model: file.Open, path: Path, common: dict[str, Any]) -> Step | None:
        if self._node(model.node, path) is None:
            return None
        version = {"udp4": 4, "udp6": 6}.get(model.open)
        try:
            local = endpoints.local(model.local, model.node, version, self._directory)
        except ValueError as error:
            self._wrong((*path, "from"), error)
            return None
        address = local.address
        if address is None and version is not None:
            address = "::" if version == 6 else "0.0.0.0"  # noqa: S104 - the lab's, not this host's
        return plan.Open(
            **common,
            node=model.node,
            name=self._defined(model, Thing.OPEN, path),
            local_address=address,
            local_port=local.port,
            process=model.process,
            options=model.socket_options(path_mtu_discovery=model.path_mtu_discovery),
        )

    def _defined(self, model: file.Connect | file.Open, thing: Thing, path: Path) -> str:
        if model.process is not None:
            self._names.define(model.process, Thing.PROCESS, model.node, (*path, "in"))
        name = model.name or self._names.made_up(model.node)
        self._names.define(name, thing, model.node, (*path, "as"))
        return name

    def _named(
        self, name: str, things: tuple[Thing, ...], model: Any, path: Path, key: str
    ) -> Named | None:
        """What ``name`` is; the step's ``node``, if given, must be where it is."""
        named = self._names.find(name, things, (*path, key))
        if named is None:
            return None
        if model.node is not None and model.node != named.node:
            if self._node(model.node, path) is not None:
                self._problems.add(
                    (*path, "node"), f"{name!r} is on {named.node!r}, not on {model.node!r}"
                )
            return None
        return named

    def _send(self, model: file.Send, path: Path, common: dict[str, Any]) -> Step | None:
        named = self._named(model.over, CONNECTIONS, model, path, "over")
        if named is None:
            return None
        if model.more and named.thing is not Thing.TCP:
            self._problems.add((*path, "more"), "only TCP can hold data back")
        to = None
        if named.thing is Thing.OPEN and model.to is None:
            self._problems.add(path, f"{named.name!r} is not connected: 'to' must say to whom")
        elif named.thing is not Thing.OPEN and model.to is not None:
            self._problems.add(
                (*path, "to"), f"{named.name!r} is connected: 'to' cannot change that"
            )
        elif model.to is not None:
            try:
                to = endpoints.destination(model.to, self._directory)
            except ValueError as error:
                self._wrong((*path, "to"), error)
        return plan.Send(
            **common,
            node=named.node,
            name=named.name,
            payload=model.send,
            to=to,
            more=model.more,
        )

    def _receive(self, model: file.Receive, path: Path, common: dict[str, Any]) -> Step | None:
        named = self._named(model.over, CONNECTIONS, model, path, "over")
        if named is None:
            return None
        if model.receive == "datagram" and named.thing is Thing.TCP:
            self._problems.add((*path, "receive"), "TCP is a stream of bytes, it has no datagrams")
        if model.receive == "eof" and named.thing is not Thing.TCP:
            self._problems.add((*path, "receive"), "UDP has no end: only TCP sends FIN")
        data = model.receive if isinstance(model.receive, plan.Payload) else None
        return plan.Receive(
            **common,
            node=named.node,
            name=named.name,
            size=data.size if data else None,
            expected_text=data.text if data else None,
            to_eof=model.receive == "eof",
            datagram=model.receive == "datagram",
        )

    def _request(self, model: file.Request, path: Path, common: dict[str, Any]) -> Step | None:
        named = self._named(model.over, (Thing.TCP, Thing.UDP), model, path, "over")
        if named is None:
            return None
        request = model.request
        return plan.Request(
            **common,
            node=named.node,
            name=named.name,
            payload=request.send,
            reply=request.receive,
            times=request.times,
            think=request.think,
        )

    def _shutdown(self, model: file.Shutdown, path: Path, common: dict[str, Any]) -> Step | None:
        named = self._named(model.shutdown, (Thing.TCP,), model, path, "shutdown")
        if named is None:
            return None
        return plan.Shutdown(**common, node=named.node, name=named.name)

    def _close(self, model: file.Close, path: Path, common: dict[str, Any]) -> Step | None:
        named = self._named(model.close, CONNECTIONS, model, path, "close")
        if named is None:
            return None
        return plan.Close(**common, node=named.node, name=named.name)

    def _exit(self, model: file.Exit, path: Path, common: dict[str, Any]) -> Step | None:
        named = self._named(model.exit, (Thing.PROCESS,), model, path, "exit")
        if named is None:
            return None
        return plan.Exit(**common, node=named.node, process=named.name)

    def _kill(self, model: file.Kill, path: Path, common: dict[str, Any]) -> Step | None:
        named = self._named(model.kill, (Thing.PROCESS,), model, path, "kill")
        if named is None:
            return None
        return plan.Kill(**common, node=named.node, process=named.name, signal=model.signal)

    def _exec(self, model: file.Exec, path: Path, common: dict[str, Any]) -> Step | None:
        if self._node(model.node, path) is None:
            return None
        name = model.name or self._names.made_up(f"{model.node}-exec")
        self._names.define(name, Thing.PROGRAM, model.node, (*path, "as"))
        return plan.Exec(**common, node=model.node, name=name, argv=model.exec)

    def _set_link(self, model: file.SetLink, path: Path, common: dict[str, Any]) -> Step | None:
        try:
            link = endpoints.link(model.link, self._directory)
        except ValueError as error:
            self._wrong((*path, "link"), error)
            return None
        up = "up" in model.model_fields_set
        duration = model.up if up else model.down
        return plan.SetLink(**common, link=link.name, up=up, duration=duration)

    def _pause(self, model: file.Pause, _path: Path, common: dict[str, Any]) -> Step | None:
        return plan.Pause(**common, duration=model.pause)

    def _parallel(self, model: file.Parallel, path: Path, common: dict[str, Any]) -> Step | None:
        branches = []
        for number, branch in enumerate(model.parallel):
            inner = (*path, "parallel", number)
            made = [self.step(each, (*inner, index)) for index, each in enumerate(branch)]
            branches.append(tuple(step for step in made if step is not None))
        return plan.Parallel(**common, branches=tuple(branches))
