"""A lab that a fabric process wires: what the netns and docker backends have in common."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from netlab import linux
from netlab.agent.channel import Caller, Channel, ChannelClosed
from netlab.backends.protocol import Listener, Message
from netlab.backends.wired.agents import Agents
from netlab.backends.wired.coming_up import Talk, has_large_lan, until_said
from netlab.backends.wired.impairer import Impairer
from netlab.backends.wired.own import CALLED, COLLECTOR
from netlab.backends.wired.own_stacks import OwnStacks, has_own
from netlab.collect.counts import InterfaceCount
from netlab.errors import EnvironmentLacks, LabError, NodeError
from netlab.fabric.configuration import of_kernel
from netlab.fabric.rings import ring_size
from netlab.fabric.wiring import switching_on, wiring
from netlab.topology.plan import Node, Plan

#: Lines of `ip -batch` input that fit one request.
_BATCH_LINES = 500

#: Nodes that fabric or collector are told of in one request.
_NODES_PER_REQUEST = 50

#: Seconds that the collector may take to close its captures before the kernel has to.
_CLOSE_WITHIN = 5.0

#: Seconds that the fabric's interfaces may take to have their carriers.
_SETTLE_WITHIN = 5.0

_CONGESTION_NOTICE = (
    "this kernel does not let a lab make {wanted} the default congestion control:"
    " services and clients use it, programs run with exec use {default}"
)


class WiredLab(ABC):
    """Backends say how the fabric is asked, and how nodes begin and end."""

    #: How errors call what wires the lab.
    fabric_called = "the lab's fabric"

    is_virtual = False

    #: Seconds between a socket's end and the news of why, at most.
    death_within = 0.5

    def __init__(self) -> None:
        self.listener: Listener = lambda _event: None
        self.agents = Agents()
        self.pids: dict[str, int] = {}  # of each node's first process, as the fabric sees it
        self._plan: Plan | None = None
        self._captures = False
        self._collector: Caller | None = None
        self._impairer: Impairer | None = None
        self._stacks = OwnStacks(self.call, self.ask_node)
        self._deaths: dict[str, asyncio.Future[str]] = {}
        self._crashes: Counter[str] = Counter()
        self._crashed: set[str] = set()
        self._ending = False

    @abstractmethod
    async def ask(self, request: Message, descriptors: Sequence[int] = ()) -> Message:
        """The fabric's answer; EnvironmentLacks when it says what its machine lacks."""

    @abstractmethod
    async def begin(self, plan: Plan) -> None:
        """Bring the fabric up."""

    @abstractmethod
    async def start_nodes(self, nodes: Sequence[Node]) -> None:
        """Start nodes without interfaces, until ``pids`` and ``agents`` know them."""

    @abstractmethod
    async def end(self) -> None:
        """End nodes and fabric, and wait until nothing is left; harmless when nothing is."""

    @abstractmethod
    async def until_ready(self, nodes: Sequence[str]) -> None:
        """Wait until the main programs of ``nodes`` are ready; NodeError for one that is not."""

    @abstractmethod
    async def pause(self, node: str) -> None:
        """Stop all processes of a node."""

    @abstractmethod
    async def unpause(self, node: str) -> None:
        """Let all processes of a node go on."""

    def runner(self) -> asyncio.Runner:
        return asyncio.Runner()

    @property
    def plan(self) -> Plan:
        if self._plan is None:
            raise LabError("the lab is not up")
        return self._plan

    async def up(self, plan: Plan, capture: Path | None, listener: Listener) -> None:
        self.listener, self._plan = listener, plan
        await self.begin(plan)
        await self.start_nodes(plan.nodes)
        self._say_congestion(plan.nodes, await self.at_each("prepare", plan.nodes))
        await self._batch(wiring(plan, {name: str(pid) for name, pid in self.pids.items()}))
        self._impairer = Impairer(self.ask, listener)
        await self._impairer.up(plan)
        await self._begin_observing(capture)
        await self.observe(plan.nodes)
        await self.at_each("configure", plan.nodes)
        await self._switch_on(plan)
        await self.at_each("finish", plan.nodes)
        await self.ask({"do": "settle", "within": _SETTLE_WITHIN})
        await self.start_stacks(plan.nodes)
        names = [node.name for node in plan.nodes]
        await self.until_ready(names)
        for name in names:
            listener({"kind": "node", "node": name, "status": "ready"})

    async def at_each(self, do: str, nodes: Sequence[Node]) -> list[Message]:
        """Let the fabric `prepare` or `configure` nodes; NodeError for the first problem."""
        answers: list[Message] = []
        for some in chunks(nodes, _NODES_PER_REQUEST):
            wanted = [
                {"pid": self.pids[node.name], "configuration": of_kernel(node).to_json()}
                for node in some
            ]
            answers += (await self.ask({"do": do, "nodes": wanted}))["nodes"]
        for node, answer in zip(nodes, answers, strict=True):
            if answer["problems"]:
                problems = "; ".join(answer["problems"])
                raise NodeError(f"could not be configured: {problems}", where=node.name)
        return answers

    def _say_congestion(self, nodes: Sequence[Node], answers: Sequence[Message]) -> None:
        refused = {
            (node.congestion, answer["congestion"])
            for node, answer in zip(nodes, answers, strict=True)
            if answer["congestion"]
        }
        for wanted, default in sorted(refused):
            text = _CONGESTION_NOTICE.format(wanted=wanted, default=default)
            self.listener({"kind": "notice", "text": text})

    async def _switch_on(self, plan: Plan) -> None:
        """Let LANs carry frames, once a large one's hosts have said what they say coming up."""
        if self._captures and has_large_lan(plan):
            kernels = [node for node in plan.nodes if not has_own(node)]
            interfaces = [each for node in kernels for each in node.interfaces]
            await until_said(sum(each.has_ipv6 for each in interfaces), self._listen)
        await self._batch(switching_on(plan))

    async def _batch(self, commands: Sequence[str]) -> None:
        for some in chunks(commands, _BATCH_LINES):
            done = await self.ask(
                {"do": "program", "argv": ["ip", "-batch", "-"], "input": "\n".join(some)}
            )
            if done["code"] == 127:
                raise EnvironmentLacks("the program `ip` is missing", hint="install iproute2")
            if done["code"] != 0:
                raise LabError(f"the links could not be made: {done['output']}".strip())

    async def _begin_observing(self, capture: Path | None) -> None:
        ours, theirs = socket.socketpair()
        target = capture or Path(os.devnull)
        output = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        await self.ask({"do": "collector"}, [theirs.fileno(), output])
        theirs.close()
        os.close(output)
        self._collector = Caller(await Channel.open(ours), self.listener)
        self._captures = capture is not None

    async def observe(self, nodes: Sequence[Node]) -> None:
        """Capture at the interfaces of ``nodes``, and watch their sockets."""
        count = sum(len(node.interfaces) for node in self.plan.nodes)
        wanted = [self._tap(node, count) for node in nodes]
        for some in chunks(wanted, _NODES_PER_REQUEST):
            answer = await self.collect("open", nodes=some)
            if not answer["ok"]:
                raise LabError(f"packets cannot be captured: {answer['error']}")

    def _tap(self, node: Node, interfaces: int) -> Message:
        return {
            "node": node.name,
            "pid": self.pids[node.name],
            "interfaces": [each.name for each in node.interfaces] if self._captures else [],
            "ring": asdict(ring_size(node, interfaces)),
            "tcp_info": node.tcp_info,
            "watched": not has_own(node),
        }

    async def call(self, node: str, do: str, **arguments: Any) -> Message:
        crashes = self._crashes[node]
        if node in self._crashed:
            return _has_crashed(node)
        try:
            caller = await self.agents.caller(
                node, lambda event: self.listener({"node": node, **event})
            )
            return await caller.call(do, **arguments)
        except ChannelClosed:
            if self._crashes[node] > crashes:
                return _has_crashed(node)
            raise NodeError(await self.why_lost(node), where=node) from None

    async def start_stacks(self, nodes: Sequence[Node]) -> None:
        """Start the stacks of those of ``nodes`` that are on netlab's own."""
        await self._stacks.start(nodes, self.plan.seed)

    async def change(self, node: str, what: str, **arguments: Any) -> list[str]:
        if has_own(self.plan.node(node)):
            return await self._stacks.change(node, what, **arguments)
        answer = await self.ask_node(node, "change", what=what, **arguments)
        problems: list[str] = answer["problems"]
        return problems

    async def ask_node(self, node: str, do: str, **arguments: Any) -> Message:
        """The fabric's answer about a node; NodeError when it could not be done."""
        answer = await self.ask({"do": do, "node": node, **arguments})
        if "error" in answer:
            raise NodeError(f"{do}: {answer['error']}", where=node)
        return answer

    async def freeze(self, node: str) -> None:
        if has_own(self.plan.node(node)):
            await self._stacks.freezes(node)
        await self.pause(node)

    async def thaw(self, node: str) -> None:
        await self.unpause(node)
        await self._stacks.thawed(node)

    def crashing(self, node: str) -> None:
        """From now on the node's silence is no error."""
        self._stacks.crashes(node)
        self._crashes[node] += 1
        self._crashed.add(node)

    def back(self, node: str) -> None:
        """A node that had crashed has an agent again."""
        self._crashed.discard(node)

    async def why_lost(self, name: str) -> str:
        """The fabric tells of a death a moment after the socket closes."""
        try:
            async with asyncio.timeout(self.death_within):
                return await asyncio.shield(self._death(name))
        except TimeoutError:
            return f"{called(name)} ended, and so did {self.fabric_called}"

    def _death(self, name: str) -> asyncio.Future[str]:
        return self._deaths.setdefault(name, asyncio.get_running_loop().create_future())

    def process_lost(self, name: str, code: int) -> None:
        """A process of the lab has ended: a node's agent, or one of the lab's own."""
        how = f"was killed by {linux.signal_name(-code)}" if code < 0 else f"exited with {code}"
        self.lost(name, f"{called(name)} {how}")

    def lost(self, name: str, reason: str) -> None:
        if not self._death(name).done():
            self._death(name).set_result(reason)
        if not self._ending and name not in CALLED:
            self.listener({"kind": "node", "node": name, "status": "lost", "reason": reason})

    async def collect(self, do: str, **arguments: Any) -> Message:
        """The collector's answer."""
        if self._collector is None:
            raise LabError("the lab is not up")
        try:
            return await self._collector.call(do, **arguments)
        except ChannelClosed:
            raise LabError(await self.why_lost(COLLECTOR)) from None

    async def impair(self, do: str, **arguments: Any) -> Message:
        if self._impairer is None:
            raise LabError("the lab is not up")
        return await self._impairer.ask(do, **arguments)

    async def sockets(self, node: str) -> Message:
        if has_own(self.plan.node(node)):
            return await self._stacks.sockets(node)
        return await self.collect("sockets", node=node)

    async def flush(self) -> list[InterfaceCount]:
        answer = await self.collect("flush")
        if answer["failed"]:
            raise EnvironmentLacks(
                f"captures cannot be written any more: {answer['failed']}",
                hint="free some space, or choose another folder with --out",
            )
        return [InterfaceCount(*row) for row in answer["counts"]]

    async def idle(self) -> float:
        return (await self._listen()).idle

    async def _listen(self) -> Talk:
        answer = await self.collect("quiet")
        return Talk(answer["idle"], answer["heard"])

    async def down(self) -> None:
        self._ending = True
        if self._collector is not None:
            with contextlib.suppress(ChannelClosed, TimeoutError):
                async with asyncio.timeout(_CLOSE_WITHIN):
                    await self._collector.call("close")
        await self.end()
        self.agents.close()
        if self._impairer is not None:
            self._impairer.close()
        if self._collector is not None:
            self._collector.close()


def called(name: str) -> str:
    """How an error calls a lost process; that of a node says which node it was."""
    return CALLED.get(name, "its agent")


def _has_crashed(node: str) -> Message:
    return {"ok": False, "error": f"{node} has crashed"}


def chunks(items: Iterable[Any], size: int) -> list[list[Any]]:
    everything = list(items)
    return [everything[start : start + size] for start in range(0, len(everything), size)]
