"""The docker backend: nodes are containers, on an engine that may be anywhere."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

from netlab.backends.docker import connecting, containers, leftovers
from netlab.backends.docker.agentless import AgentlessNode
from netlab.backends.docker.attached import Attached
from netlab.backends.docker.containers import Image, Run
from netlab.backends.docker.endings import Happened
from netlab.backends.docker.engine import AT_ONCE, Engine, Started
from netlab.backends.docker.main_programs import MainPrograms
from netlab.backends.needs import KEYS
from netlab.backends.protocol import Message
from netlab.backends.wired.lab import WiredLab
from netlab.collect.counts import InterfaceCount
from netlab.errors import EnvironmentLacks, LabError, NodeError, UsageError
from netlab.fabric.neighbours import limits, neighbour_notice
from netlab.topology.plan import Node, Plan

#: Seconds that two clocks may differ and still tell one story.
_SAME_CLOCK = 0.002


class DockerBackend(WiredLab):
    name = "docker"
    supports = frozenset(KEYS)
    fabric_called = "the lab's fabric container"
    death_within = 3.0  # the engine tells of it, when it has cleaned up

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="engine")
        self._connecting: Future[Engine] | None = None
        self._run: Run | None = None
        self._watching: Callable[[], None] = lambda: None
        self._starting: asyncio.Task[Attached] | None = None
        self._fabric: Attached | None = None
        self._images: dict[str, Image] = {}
        self._agentless: dict[str, AgentlessNode] = {}
        self._containers: dict[str, str] = {}  # node -> the engine's id of its container
        self._removed: set[str] = set()
        self._main_programs = MainPrograms()

    def warm(self) -> None:
        """Look for the engine."""
        self._connected()

    def _connected(self) -> Future[Engine]:
        if self._connecting is None:
            self._connecting = Future()
            self._connecting.set_running_or_notify_cancel()
            # Nobody waits for a daemon: Ctrl-C while modules load here and there may leave Python's
            # lock of imports taken for ever, and this thread at it.
            arguments = (self._connecting, Engine.connect)
            threading.Thread(target=_settle, args=arguments, daemon=True).start()
        return self._connecting

    def log(self) -> str:
        return self._fabric.log() if self._fabric else ""

    def entry(self, node: str) -> Message:
        return {"container": self._containers.get(node), "engine": connecting.environment()}

    async def connected(self) -> Engine:
        """The engine; EnvironmentLacks when none answers."""
        return await asyncio.wrap_future(self._connected())

    async def _in_threads(self, work: Any, items: Sequence[Any]) -> list[Any]:
        """Do the same for all items, some at once; the first failure when all have ended.

        Cancelled, it waits for those that have begun: what they make has to be removed.
        """
        begun = [self._threads.submit(work, item) for item in items]
        waiting = asyncio.gather(*map(asyncio.wrap_future, begun), return_exceptions=True)
        try:
            done = await waiting
        except asyncio.CancelledError:
            await asyncio.to_thread(wait, [each for each in begun if not each.cancel()])
            raise
        for each in done:
            if isinstance(each, BaseException):
                raise each
        return done

    async def ask(self, request: Message, descriptors: Sequence[int] = ()) -> Message:
        fabric = await self._started_fabric()
        return await fabric.ask(request, descriptors)

    async def begin(self, plan: Plan) -> None:
        engine = await self.connected()
        self._threads.submit(leftovers.remove, engine, of_others=False)
        if notice := neighbour_notice(plan, limits()):
            self.listener({"kind": "notice", "text": notice})
        self._run = run = Run.new(plan.name)
        wanted = {containers.image_name(node) for node in plan.nodes}
        images = await self._in_threads(engine.image, sorted(wanted | {containers.fabric_image()}))
        self._images = {each.name: each for each in images}
        self._refuse_probes_of_agents(plan)
        for name in (each.name for each in images if each.outdated):
            text = (
                f"the image {name} has other code of netlab in it than this (netlab images build)"
            )
            self.listener({"kind": "notice", "text": text})
        loop = asyncio.get_running_loop()

        def pass_on(happened: Happened) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(self._container_told, happened)

        self._watching = (
            await self._in_threads(partial(engine.watch, told=pass_on), [run.number])
        )[0]
        self._starting = asyncio.create_task(self._start_fabric(engine, run))

    def _refuse_probes_of_agents(self, plan: Plan) -> None:
        for node in plan.nodes:
            if node.ready and self._has_agent(node):
                image = containers.image_name(node)
                raise UsageError(
                    "'ready' is about a node's main program,"
                    f" and that of {image} is netlab's agent, which is waited for anyway",
                    where=node.name,
                    hint="give the node a `command`, or the probe to a service",
                )

    def _container_told(self, happened: Happened) -> None:
        if not happened.out_of_memory:
            self._main_programs.ended(happened.container, happened.how)
        if happened.out_of_memory:
            text = f"{happened.node} has used up its memory: the kernel has killed a process of it"
            self.listener({"kind": "notice", "text": text})
        elif self._is_lost(happened):
            self.lost(happened.node, f"its container {happened.how}")

    def _is_lost(self, happened: Happened) -> bool:
        """Whether nobody meant it to end; what was removed may be told of when its heir runs."""
        node = happened.node
        return bool(node) and not (node in self._crashed or happened.container in self._removed)

    async def _start_fabric(self, engine: Engine, run: Run) -> Attached:
        """Beside the nodes, which need it only when they all run."""
        started = await self._in_threads(
            lambda body: engine.start_attached(run.name(containers.FABRIC), body),
            [containers.fabric(run)],
        )
        self._fabric = Attached(started[0])
        self._fabric.on_told = self._told
        await self._compare_clocks(self._fabric)
        return self._fabric

    async def _compare_clocks(self, fabric: Attached) -> None:
        """Packets have the time of the engine's machine, steps that of this one."""
        before = time.time_ns()
        there = (await fabric.ask({"do": "clock"}))["t"]
        after = time.time_ns()
        ahead = (there - (before + after) / 2) / 1e9
        if abs(ahead) > _SAME_CLOCK + (after - before) / 2e9:
            way = "ahead of" if ahead > 0 else "behind"
            text = (
                f"the clock of the engine's machine is {abs(ahead):.3f} s {way} this one's:"
                " packets and steps are that far apart in the report"
            )
            self.listener({"kind": "notice", "text": text})

    def _told(self, message: Message) -> None:
        if "lost" in message:
            self.process_lost(message["lost"], message["code"])

    async def start_nodes(self, nodes: Sequence[Node]) -> None:
        engine, run = await self.connected(), self._started_run()

        def start(node: Node) -> Started:
            image = self._images[containers.image_name(node)]
            body = containers.node(run, self.plan, node, image)
            return engine.start(run.name(node.name), body, node, attached=not self._has_agent(node))

        started = await self._in_threads(start, nodes)
        fabric = await self._started_fabric()
        wanted = []
        for node, each in zip(nodes, started, strict=True):
            name, container = node.name, each.container
            self._containers[name], self.pids[name] = container, each.pid
            self._main_programs.started(name, each)
            if not self._has_agent(node):
                image = containers.image_name(node)
                self._agentless[name] = AgentlessNode(name, image, container, engine)
            if not each.pid:
                raise await self._ended_early(name)
            wanted.append({"name": name, "pid": each.pid, "stream": self._stream_to(node, fabric)})
        answer = await self.ask({"do": "nodes", "nodes": wanted})
        if "unreachable" in answer:
            raise await self._ended_early(answer["unreachable"])
        await self.agents.all_there()

    async def _ended_early(self, node: str) -> NodeError:
        """What is said of a node whose container has ended before there were links."""
        container = self._containers[node]
        reason = await self._main_programs.early_end(node, container, self.death_within)
        lost = "" if node in self._agentless else "its agent cannot be reached: "
        return NodeError(lost + reason, where=node)

    async def until_ready(self, nodes: Sequence[str]) -> None:
        wanted = [self.plan.node(node) for node in nodes]
        await self._main_programs.until_ready(wanted, await self.connected(), self._waits)

    async def _waits(self, node: str, transport: str, port: int) -> bool:
        answer = await self.collect("waits", node=node, transport=transport, port=port)
        if not answer["ok"]:
            raise LabError(f"its sockets cannot be seen: {answer['error']}", where=node)
        return bool(answer["waits"])

    async def _started_fabric(self) -> Attached:
        if self._starting is None:
            raise LabError("the lab is not up")
        return await self._starting

    def _stream_to(self, node: Node, fabric: Attached) -> int:
        """The stream to a node's agent; 0 where it has none."""
        if not self._has_agent(node):
            return 0
        ours, theirs = socket.socketpair()
        self.agents.add(node.name, ours)
        with theirs:
            return fabric.new_stream(theirs.fileno())

    def _has_agent(self, node: Node) -> bool:
        return not node.command and self._images[containers.image_name(node)].agent

    def _started_run(self) -> Run:
        if self._run is None:
            raise LabError("the lab is not up")
        return self._run

    async def flush(self) -> list[InterfaceCount]:
        counts = await super().flush()
        if self._fabric is not None and (failed := self._fabric.failed_write):
            raise EnvironmentLacks(
                f"captures cannot be written any more: {failed.strerror}",
                hint="free some space, or choose another folder with --out",
            )
        return counts

    async def call(self, node: str, do: str, **arguments: Any) -> Message:
        if alone := self._agentless.get(node):
            if (death := self._death(node)).done():
                raise NodeError(death.result(), where=node)
            return await alone.call(do, arguments, self.listener)
        return await super().call(node, do, **arguments)

    async def pause(self, node: str) -> None:
        await self._at_container("pause", node)

    async def unpause(self, node: str) -> None:
        await self._at_container("unpause", node)

    async def _at_container(self, what: str, node: str) -> None:
        engine = await self.connected()
        await self._in_threads(lambda each: engine.act(what, each, node), [self._containers[node]])

    async def crash(self, node: str, interfaces: Sequence[str]) -> bool:
        self.crashing(node)
        await self.ask_node(node, "leave", interfaces=list(interfaces))
        self.agents.forget(node)
        self._removed.add(self._containers[node])
        await self._at_container("remove", node)
        del self._containers[node]
        self.pids[node] = 0
        answer = await self.ask_node(node, "forget")
        await self.collect("look", node=node)
        return bool(answer["clean"])

    async def restart(self, node: str) -> None:
        planned = self.plan.node(node)
        await self.start_nodes([planned])
        await self.wire_again(planned)
        self.back(node)
        await self.start_stacks([planned])

    async def wire_again(self, node: Node) -> None:
        """Give a node that was started again the interfaces that it had."""
        await self.at_each("prepare", [node])
        names = [each.name for each in node.interfaces]
        await self.ask_node(node.name, "return", interfaces=names)
        await self.observe([node])
        await self.at_each("configure", [node])
        await self.ask_node(node.name, "leave", interfaces=names)

    async def ended(self) -> None:
        if self._fabric is not None:
            await self._fabric.ended.wait()

    def kill(self) -> None:
        """End everything at once; harmless when nothing is left."""
        self._watching()
        self._main_programs.close()
        if self._fabric is not None:
            self._fabric.close()
        if self._run is not None:  # then there is an engine
            self._connected().result().remove_run(self._run.number)
            self._run = None
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def end(self) -> None:
        if self._starting is not None:
            # What is being made could not be removed yet. If it failed, its error is not the first.
            await asyncio.gather(self._starting, return_exceptions=True)
        if self._fabric is not None:
            self._fabric.close()
        if self._run is not None:
            engine = await self.connected()
            await asyncio.to_thread(engine.remove_run, self._run.number)
            self._main_programs.close()
            self._watching()
            self._run = None


def _settle(future: Future[Engine], connect: Callable[[], Engine]) -> None:
    try:
        future.set_result(connect())
    except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
        future.set_exception(error)
