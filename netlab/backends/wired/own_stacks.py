"""Nodes on netlab's own stack: it runs in their agents, and the kernel has only their cables."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from netlab import clock
from netlab.backends.protocol import Message
from netlab.errors import EnvironmentLacks, NodeError
from netlab.fabric.configuration import Configuration, configuration, silenced
from netlab.topology.plan import Node
from netlab.topology.stacks import Stack

#: Asks a node's agent something, or the fabric about a node.
Ask = Callable[..., Awaitable[Message]]

#: What is changed at a node and not at its cables.
_NOT_OF_CABLES = frozenset({"add-address", "remove-address"})

_FORBIDDEN = frozenset({"EPERM", "EACCES"})


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A node whose stack stands still: ``sockets`` are what it had, ``changes`` what it missed."""

    sockets: list[Message]
    changes: list[Message] = field(default_factory=list)


class OwnStacks:
    """``call`` asks an agent, ``ask`` the fabric."""

    def __init__(self, call: Ask, ask: Ask) -> None:
        self._call = call
        self._ask = ask
        self._current: dict[str, Message] = {}  # the configurations that nodes were changed to
        self._starts: dict[str, int] = {}
        self._frozen: dict[str, _Frozen] = {}

    async def start(self, nodes: Sequence[Node], seed: int) -> None:
        """Start those of ``nodes``, which have their interfaces; NodeError if one does not start.

        EnvironmentLacks where there are no packet sockets to be had.
        """
        await asyncio.gather(*(self._start(node, seed) for node in nodes if has_own(node)))

    async def _start(self, node: Node, seed: int) -> None:
        """With what the node has now: what a scenario has changed survives a crash."""
        name = node.name
        times = self._starts[name] = self._starts.get(name, 0) + 1
        wanted = self._current.get(name) or configuration(node).to_json()
        answer = await self._call(
            name,
            "stack",
            configuration=wanted,
            router=node.forwards,
            seed=f"{seed}/{name}" if times == 1 else f"{seed}/{name}/{times}",
            tcp_info=node.tcp_info,
            variables=node.variables,
        )
        if answer["ok"]:
            if times > 1:
                await self._take_down(node, wanted)
            return
        if answer.get("errno") in _FORBIDDEN:
            raise EnvironmentLacks(
                f"{name} cannot have a stack of netlab's own: {answer['error']}",
                hint="packet sockets take CAP_NET_RAW; `netlab doctor` tells whether labs have it",
            )
        raise NodeError(f"its stack does not start: {answer['error']}", where=name)

    async def _take_down(self, node: Node, wanted: Message) -> None:
        """The links of a node that was started again are still down."""
        for each in node.interfaces:
            down = {"what": "set-link", "interface": each.name, "up": False}
            await self._call(node.name, "change-stack", configuration=wanted, **down)

    async def change(self, node: str, what: str, **arguments: Any) -> list[str]:
        """As Backend.change: the cable first, then the stack that is at it."""
        wanted = arguments["configuration"]
        problems: list[str]
        if what not in _NOT_OF_CABLES:
            silent = silenced(Configuration.from_json(wanted)).to_json()
            answer = await self._ask(
                node, "change", **{**arguments, "what": what, "configuration": silent}
            )
            problems = answer["problems"]
            if problems:
                return problems
        if node in self._frozen:
            self._frozen[node].changes.append({"what": what, **arguments})
        else:
            answer = await self._call(node, "change-stack", what=what, **arguments)
            problems = answer["problems"] if answer["ok"] else [answer["error"]]
            if problems:
                return problems
        self._current[node] = wanted
        return []

    async def sockets(self, node: str) -> Message:
        """As Backend.sockets; a node that has crashed has none."""
        now = clock.now()
        if node in self._frozen:
            return {"t": now, "sockets": self._frozen[node].sockets}
        answer = await self._call(node, "sockets")
        return answer if answer["ok"] else {"t": now, "sockets": []}

    async def freezes(self, node: str) -> None:
        """The node is about to stand still, and will answer nothing then."""
        self._frozen[node] = _Frozen((await self.sockets(node))["sockets"])

    async def thawed(self, node: str) -> None:
        """The node goes on, and hears what happened to its interfaces meanwhile."""
        if frozen := self._frozen.pop(node, None):
            for change in frozen.changes:
                await self._call(node, "change-stack", **change)

    def crashes(self, node: str) -> None:
        self._frozen.pop(node, None)


def has_own(node: Node) -> bool:
    return node.stack is Stack.USER
