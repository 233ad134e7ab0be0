"""What of a lab only a kernel's stack can do, said of the nodes that are on netlab's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from netlab.errors import Problem
from netlab.topology.hints import one_of
from netlab.topology.options import SocketOptions
from netlab.topology.plan import Node, Plan, Service
from netlab.topology.stacks import Stack
from netlab.topology.steps import (
    Connect,
    Exec,
    Kill,
    Many,
    NodeStep,
    SetOptions,
    Start,
    every_step,
)

#: The models whose clients wait for sockets; the others make processes or threads for them.
MODELS = ("iterative", "select", "epoll", "asyncio", "inetd")

_STOPPING = ("SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU")

_PROGRAM = "a program of your own has the kernel's sockets only"


def wrong(plan: Plan, hint: str) -> list[Problem]:
    """All that nodes on netlab's own stack cannot do; ``hint`` helps."""
    if all(node.stack is Stack.KERNEL for node in plan.nodes):
        return []
    from netlab.stack import sysctls  # noqa: PLC0415 - of user nodes only
    from netlab.stack.tcp.congestion_control import ALGORITHMS  # noqa: PLC0415 - likewise

    looking = _Looking(plan, tuple(ALGORITHMS), sysctls.wrong)
    return [problem(where, message, hint) for where, message in looking.at_all()]


def problem(where: str, message: str, hint: str) -> Problem:
    """``where`` is ``file:line:column``."""
    file, line, column = where.rsplit(":", 2)
    return Problem(file, int(line), int(column), "", message, hint)


#: Where something stands in the file, and what is wrong with it.
_Wrong = tuple[str, str]


#: Says what is wrong with sysctls, of a node with interfaces.
_Settings = Callable[[Sequence[tuple[str, str]], Sequence[str]], Iterator[str]]


class _Looking:
    def __init__(self, plan: Plan, congestion: Sequence[str], settings: _Settings) -> None:
        self._plan = plan
        self._users = {node.name for node in plan.nodes if node.stack is Stack.USER}
        self._congestion = congestion
        self._settings = settings

    def at_all(self) -> Iterator[_Wrong]:
        for node in self._plan.nodes:
            if node.name in self._users:
                for what in self._at_node(node):
                    yield node.where, f"{node.name} is on netlab's own stack: {what}"
        for step in every_step(self._plan.steps):
            if isinstance(step, NodeStep) and step.node in self._users:
                for what in self._at_step(step):
                    yield step.where, f"{step.node} is on netlab's own stack: {what}"

    def _at_node(self, node: Node) -> Iterator[str]:
        if node.command is not None:
            yield f"'command': {_PROGRAM}"
        yield from self._at_congestion(node.congestion)
        interfaces = [interface.name for interface in node.interfaces]
        yield from (f"'sysctls': {what}" for what in self._settings(node.sysctls, interfaces))
        for program in node.programs:
            yield f"the service {program.name}: {_PROGRAM}"
        for service in node.services:
            yield from (f"the service {service.name}: {what}" for what in self._at_service(service))

    def _at_service(self, service: Service) -> Iterator[str]:
        if service.model is not None and service.model not in MODELS:
            yield f"'model' is {one_of(MODELS)} there, not {service.model}"
        yield from self._at_options(service.options)

    def _at_step(self, step: NodeStep) -> Iterator[str]:
        match step:
            case Exec() | Start():
                yield _PROGRAM
            case Kill(signal=name) if name in _STOPPING:
                yield f"a process is a group of sockets there, which {name} cannot stop"
            case Connect() | Many() | SetOptions():
                yield from self._at_options(step.options)

    def _at_options(self, options: SocketOptions) -> Iterator[str]:
        if options.congestion is not None:
            yield from self._at_congestion(options.congestion)

    def _at_congestion(self, name: str) -> Iterator[str]:
        if name not in self._congestion:
            yield f"congestion control is {one_of(self._congestion)} there, not {name}"
