"""A Plan in words: what `netlab plan` prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields

from netlab.cli import equipment_text, stretch_text
from netlab.cli.equipment_text import asked, line
from netlab.fabric.configuration import of_kernel
from netlab.fabric.wiring import switching_on, wiring
from netlab.topology.expectations import Expectation
from netlab.topology.options import SocketOptions
from netlab.topology.plan import Interface, Link, LinkKind, Node, Plan, Service
from netlab.topology.program import ProgramService
from netlab.topology.stacks import Stack
from netlab.topology.steps import Parallel, Step, Timing


def text(plan: Plan) -> Iterator[str]:
    """The lines, without their ends."""
    yield f"{plan.name}: {plan.description}" if plan.description else plan.name
    yield f"from {plan.source}, seed {plan.seed}"
    if plan.backend:
        yield f"on {plan.backend}"
    yield from (f"note: {notice}" for notice in plan.notices)
    yield from _section("Nodes", (line for node in plan.nodes for line in _node(node)))
    yield from _section("Links", (_link(link) for link in plan.links))
    yield from _section("Impaired links", stretch_text.impaired(plan))
    yield from _section(
        "/etc/hosts", (f"{entry.address:<15} {' '.join(entry.names)}" for entry in plan.hosts)
    )
    yield from _section("Scenario", _steps(plan.steps, ""))
    yield from _section("Expectations", map(_expectation, plan.expectations))
    yield from _section("Commands", commands(plan))


def commands(plan: Plan) -> Iterator[str]:
    """What builds the lab, in order; a comment before each part says where it runs."""
    settings = {node.name: of_kernel(node) for node in plan.nodes}
    yield from _alike(
        {name: setting.early_commands() for name, setting in settings.items()},
        "before there are interfaces",
    )
    yield "# in the lab's own namespace, as one `ip -batch`; netns is a node's process"
    yield from (f"ip {command}" for command in wiring(plan, {name: name for name in settings}))
    yield from stretch_text.commands(plan)
    for name, setting in settings.items():
        yield f"# in {name}"
        yield from setting.commands()
    if switches := switching_on(plan):
        yield "# in the lab's own namespace, when all nodes are configured"
        yield from (f"ip {command}" for command in switches)
    yield from _alike({name: setting.late_commands() for name, setting in settings.items()}, "last")
    if own := [node.name for node in plan.nodes if node.stack is Stack.USER]:
        yield f"# in {', '.join(own)}: the agent starts netlab's own stack with what stands above"


def _alike(commands: Mapping[str, Iterable[str]], when: str) -> Iterator[str]:
    """Once for all nodes that have the same."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, lines in commands.items():
        alike.setdefault(tuple(lines), []).append(name)
    for together, names in alike.items():
        if together:
            yield f"# in {', '.join(names)}, {when}"
            yield from together


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)


def _node(node: Node) -> Iterator[str]:
    own = "" if node.stack is Stack.KERNEL else ", on netlab's own stack"
    yield f"{node.name}: {node.role.value}, {node.congestion}{own}"
    yield from (f"  {line}" for line in equipment_text.equipment(node))
    for interface in node.interfaces:
        yield f"  {_interface(interface)}"
    for route in node.routes:
        yield f"  route {route.destination} via {route.via} dev {route.interface}"
    for key, value in node.sysctls:
        yield f"  sysctl {key} = {value}"
    for each in node.filters:
        yield f"  filter {each.text}"
        for match in each.matches:
            yield f"    nft {each.hook}: {match} {each.verdict}"
    for service in node.services:
        yield f"  service {_service(service, node.stack)}"
    for program in node.programs:
        yield f"  service {_program(program)}"


def _interface(interface: Interface) -> str:
    addresses = " ".join(map(str, interface.addresses))
    return (
        f"{interface.name}: {addresses}, MTU {interface.mtu}, MAC {interface.mac},"
        f" offload {interface.offload.value}"
    )


def _program(program: ProgramService) -> str:
    ready = asked(program.ready) if program.ready else ""
    rights = ", unprivileged" if program.command.unprivileged else ""
    ends = ", may end" if program.may_end else ""
    run = line(program.command.argv)
    return f"{program.name}, ready: {ready or 'at once'}{rights}{ends}, runs {run!r}"


def _service(service: Service, stack: Stack) -> str:
    parts = [service.name, service.model_on(stack), f"backlog {service.backlog}"]
    if service.address is not None:
        parts.append(f"only on {service.address}")
    if service.think:
        parts.append(f"thinks {service.think:g} s")
    if service.close_after:
        parts.append(f"closes {service.close_after:g} s after its peer")
    return ", ".join([*parts, *_options(service.options)])


def _options(options: SocketOptions) -> Iterator[str]:
    """Those that are not as the kernel has them."""
    usual = SocketOptions()
    for each in fields(options):
        value = getattr(options, each.name)
        if value != getattr(usual, each.name):
            yield f"{each.name.replace('_', ' ')} {value}"


def _link(link: Link) -> str:
    joint = " -- " if link.kind is LinkKind.POINT_TO_POINT else ", "
    ends = joint.join(map(str, link.ends))
    subnets = " ".join(map(str, link.subnets))
    return f"{link.name}: {link.kind.value} {ends}, {subnets}"


def _steps(steps: Sequence[Step], parent: str) -> Iterator[str]:
    for number, step in enumerate(steps, start=1):
        label = f"{parent}{number}"
        yield f"{label}. {_when(step.timing)}{step.text}"
        if isinstance(step, Parallel):
            for branch_number, branch in enumerate(step.branches, start=1):
                yield from (f"  {line}" for line in _steps(branch, f"{label}.{branch_number}."))


def _when(timing: Timing) -> str:
    parts = []
    if timing.at is not None:
        parts.append(f"at {timing.at:g} s")
    if timing.after is not None:
        parts.append(f"after {timing.after}")
    if timing.wait:
        parts.append(f"wait {timing.wait:g} s")
    return f"{', '.join(parts)}: " if parts else ""


def _expectation(expectation: Expectation) -> str:
    return f"{expectation.text} (within {expectation.within:g} s, {expectation.where})"
