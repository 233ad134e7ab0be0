"""The netns backend: nodes are processes in namespaces of their own. No root, daemon or image."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from netlab import linux
from netlab.agent.channel import Caller, Channel, ChannelClosed
from netlab.backends.netns.agents import Agents
from netlab.backends.netns.control import COLLECTOR, EMULATOR, MOST_DESCRIPTORS
from netlab.backends.netns.impairer import Impairer
from netlab.backends.netns.process import Holder
from netlab.backends.protocol import Listener, Message
from netlab.collect.counts import InterfaceCount
from netlab.errors import EnvironmentLacks, LabError, NodeError
from netlab.fabric.configuration import configuration
from netlab.fabric.files import lab_files
from netlab.fabric.neighbours import limits, neighbour_notice
from netlab.fabric.rings import ring_size
from netlab.fabric.wiring import switching_on, wiring
from netlab.topology.plan import Node, Plan

#: Lines of `ip -batch` input that fit one message to the holder.
_BATCH_LINES = 500

#: Nodes that holder or collector are told of in one request.
_NODES_PER_REQUEST = 50

#: Seconds between a socket's end and the news of why, at most.
_DEATH_WITHIN = 0.5

#: Seconds that the collector may take to close its captures before the kernel has to.
_CLOSE_WITHIN = 5.0

_OWN_PROCESSES = {COLLECTOR: "the collector", EMULATOR: "the emulator"}

#: From so many members on, a LAN is quiet for so many seconds before it is switched on.
_LARGE_LAN = 32
_QUIET, _QUIET_WITHIN = 0.05, 1.0

#: Seconds that the fabric's interfaces may take to have their carriers.
_SETTLE_WITHIN = 5.0

_CONGESTION_NOTICE = (
    "this kernel does not let a lab make {wanted} the default congestion control:"
    " services and clients use it, programs run with exec use {default}"
)


class NetnsBackend:
    name = "netns"

    def __init__(self) -> None:
        self._holder: Holder | None = None
        self._log = os.memfd_create("netlab-log")
        self._listener: Listener = lambda _event: None
        self._agents = Agents()
        self._pids: dict[str, int] = {}
        self._collector: Caller | None = None
        self._impairer: Impairer | None = None
        self._deaths: dict[str, asyncio.Future[str]] = {}
        self._crashes: Counter[str] = Counter()
        self._crashed: set[str] = set()
        self._ending = False

    def warm(self) -> None:
        """Start the holder's interpreter, so that it loads while the caller reads its file."""
        linux.raise_descriptor_limit()
        self._holder = Holder.start(self._log)

    def log(self) -> str:
        size = os.fstat(self._log).st_size
        return os.pread(self._log, size, 0).decode(errors="replace")

    @property
    def first_pid(self) -> int:
        """The pid of the lab's first process, as this process sees it."""
        return self._started.first_pid

    def node_pid(self, node: str) -> int:
        """The pid of a node's agent inside the lab's PID namespace."""
        return self._pids[node]

    @property
    def _started(self) -> Holder:
        if self._holder is None:
            raise LabError("the lab is not up")
        return self._holder

    async def up(self, plan: Plan, capture: Path | None, listener: Listener) -> None:
        if self._holder is None:
            self.warm()
        holder = self._started
        self._listener = listener
        holder.on_lost = self._process_lost
        await holder.ready()
        if notice := neighbour_notice(plan, limits()):
            listener({"kind": "notice", "text": notice})
        await holder.ask({"do": "names", "files": lab_files(plan)})
        await self._fork_nodes([node.name for node in plan.nodes])
        self._say_congestion(plan.nodes, await self._at_each_node("prepare", plan))
        await self._wire(plan)
        self._impairer = Impairer(holder.ask, listener)
        await self._impairer.up(plan)
        await self._observe(plan, capture)
        await self._at_each_node("configure", plan)
        await self._switch_on(plan)
        await self._at_each_node("finish", plan)
        await holder.ask({"do": "settle", "within": _SETTLE_WITHIN})
        for node in plan.nodes:
            listener({"kind": "node", "node": node.name, "status": "ready"})

    async def _fork_nodes(self, names: Sequence[str]) -> None:
        nodes = len(self._pids.keys() | names)  # a node that starts again is one of many
        for some in _chunks(names, MOST_DESCRIPTORS):
            try:
                pairs = [socket.socketpair() for _ in some]
            except OSError as error:
                raise EnvironmentLacks(
                    f"no connections to {len(names)} nodes can be made: {error.strerror}",
                    hint="raise the limit of open files: ulimit -n",
                ) from error
            answer = await self._started.ask(
                {"do": "nodes", "names": some, "of": nodes},
                [theirs.fileno() for _, theirs in pairs],
            )
            for name, pid, (ours, theirs) in zip(some, answer["pids"], pairs, strict=True):
                theirs.close()
                self._pids[name] = pid
                self._agents.add(name, ours)
        await self._agents.all_there()

    async def _at_each_node(self, do: str, plan: Plan) -> list[Message]:
        """Let the holder `prepare` or `configure` all nodes; NodeError for the first problem."""
        answers: list[Message] = []
        for some in _chunks(plan.nodes, _NODES_PER_REQUEST):
            nodes = [
                {"pid": self._pids[node.name], "configuration": configuration(node).to_json()}
                for node in some
            ]
            answers += (await self._started.ask({"do": do, "nodes": nodes}))["nodes"]
        for node, answer in zip(plan.nodes, answers, strict=True):
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
            self._listener({"kind": "notice", "text": text})

    async def _wire(self, plan: Plan) -> None:
        await self._batch(wiring(plan, {name: str(pid) for name, pid in self._pids.items()}))

    async def _switch_on(self, plan: Plan) -> None:
        """Let LANs carry frames, once a large one's hosts have said what they say coming up."""
        largest = max((len(link.ends) for link in plan.links), default=0)
        if largest >= _LARGE_LAN:
            deadline = time.monotonic() + _QUIET_WITHIN
            while (  # noqa: ASYNC110 - the collector answers, it does not tell
                left := _QUIET - await self.idle()
            ) > 0 and time.monotonic() < deadline:
                await asyncio.sleep(left)
        await self._batch(switching_on(plan))

    async def _batch(self, commands: Sequence[str]) -> None:
        for some in _chunks(commands, _BATCH_LINES):
            done = await self._started.ask(
                {"do": "program", "argv": ["ip", "-batch", "-"], "input": "\n".join(some)}
            )
            if done["code"] == 127:
                raise EnvironmentLacks("the program `ip` is missing", hint="install iproute2")
            if done["code"] != 0:
                raise LabError(f"the links could not be made: {done['output']}".strip())

    async def _observe(self, plan: Plan, capture: Path | None) -> None:
        ours, theirs = socket.socketpair()
        target = capture or Path(os.devnull)
        output = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        await self._started.ask({"do": "collector"}, [theirs.fileno(), output])
        theirs.close()
        os.close(output)
        self._collector = Caller(await Channel.open(ours), self._listener)
        count = sum(len(node.interfaces) for node in plan.nodes)
        nodes = [self._tap(node, count, capture=capture is not None) for node in plan.nodes]
        for some in _chunks(nodes, _NODES_PER_REQUEST):
            answer = await self._collect("open", nodes=some)
            if not answer["ok"]:
                raise LabError(f"packets cannot be captured: {answer['error']}")

    def _tap(self, node: Node, interfaces: int, *, capture: bool) -> Message:
        return {
            "node": node.name,
            "pid": self._pids[node.name],
            "interfaces": [each.name for each in node.interfaces] if capture else [],
            "ring": asdict(ring_size(node, interfaces)),
            "tcp_info": node.tcp_info,
        }

    async def call(self, node: str, do: str, **arguments: Any) -> Message:
        crashes = self._crashes[node]
        if node in self._crashed:
            return _has_crashed(node)
        try:
            caller = await self._agents.caller(
                node, lambda event: self._listener({"node": node, **event})
            )
            return await caller.call(do, **arguments)
        except ChannelClosed:
            if self._crashes[node] > crashes:
                return _has_crashed(node)
            raise NodeError(await self._why_lost(node), where=node) from None

    async def change(self, node: str, what: str, **arguments: Any) -> list[str]:
        answer = await self._at_node(node, "change", what=what, **arguments)
        problems: list[str] = answer["problems"]
        return problems

    async def freeze(self, node: str) -> None:
        await self._at_node(node, "freeze")

    async def thaw(self, node: str) -> None:
        await self._at_node(node, "thaw")

    async def crash(self, node: str, interfaces: Sequence[str]) -> bool:
        self._crashes[node] += 1
        self._crashed.add(node)
        self._pids[node] = 0
        answer = await self._at_node(node, "crash", interfaces=list(interfaces))
        self._agents.forget(node)
        await self._collect("look", node=node)
        return bool(answer["clean"])

    async def restart(self, node: str) -> None:
        await self._fork_nodes([node])
        self._crashed.discard(node)

    async def _at_node(self, node: str, do: str, **arguments: Any) -> Message:
        answer = await self._started.ask({"do": do, "node": node, **arguments})
        if "error" in answer:
            raise NodeError(f"{do}: {answer['error']}", where=node)
        return answer

    async def _why_lost(self, name: str) -> str:
        """The holder tells of a death a moment after the socket closes."""
        try:
            async with asyncio.timeout(_DEATH_WITHIN):
                return await asyncio.shield(self._death(name))
        except TimeoutError:
            return f"{_called(name)} ended, and so did the lab's holder"

    def _death(self, name: str) -> asyncio.Future[str]:
        return self._deaths.setdefault(name, asyncio.get_running_loop().create_future())

    def _process_lost(self, name: str, code: int) -> None:
        how = f"was killed by {linux.signal_name(-code)}" if code < 0 else f"exited with {code}"
        reason = f"{_called(name)} {how}"
        if not self._death(name).done():
            self._death(name).set_result(reason)
        if not self._ending and name not in _OWN_PROCESSES:
            self._listener({"kind": "node", "node": name, "status": "lost", "reason": reason})

    async def _collect(self, do: str, **arguments: Any) -> Message:
        if self._collector is None:
            raise LabError("the lab is not up")
        try:
            return await self._collector.call(do, **arguments)
        except ChannelClosed:
            raise LabError(await self._why_lost(COLLECTOR)) from None

    async def impair(self, do: str, **arguments: Any) -> Message:
        if self._impairer is None:
            raise LabError("the lab is not up")
        return await self._impairer.ask(do, **arguments)

    async def sockets(self, node: str) -> Message:
        return await self._collect("sockets", node=node)

    async def flush(self) -> list[InterfaceCount]:
        answer = await self._collect("flush")
        if answer["failed"]:
            raise EnvironmentLacks(
                f"captures cannot be written any more: {answer['failed']}",
                hint="free some space, or choose another folder with --out",
            )
        return [InterfaceCount(*row) for row in answer["counts"]]

    async def idle(self) -> float:
        idle: float = (await self._collect("quiet"))["idle"]
        return idle

    async def ended(self) -> None:
        await self._started.ended.wait()

    def kill(self) -> None:
        """End everything at once; harmless when nothing is left."""
        if self._holder is not None:
            self._holder.kill()

    async def down(self) -> None:
        self._ending = True
        if self._collector is not None:
            with contextlib.suppress(ChannelClosed, TimeoutError):
                async with asyncio.timeout(_CLOSE_WITHIN):
                    await self._collector.call("close")
        if self._holder is not None:
            await self._holder.end()
            self._holder = None
        self._agents.close()
        if self._impairer is not None:
            self._impairer.close()
        if self._collector is not None:
            self._collector.close()


def _called(name: str) -> str:
    """How an error calls a lost process; that of a node says which node it was."""
    return _OWN_PROCESSES.get(name, "its agent")


def _has_crashed(node: str) -> Message:
    return {"ok": False, "error": f"{node} has crashed"}


def _chunks(items: Iterable[Any], size: int) -> list[list[Any]]:
    everything = list(items)
    return [everything[start : start + size] for start in range(0, len(everything), size)]
