"""The docker backend: nodes are containers, on an engine that may be anywhere."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from netlab.backends.docker import connecting, containers, leftovers
from netlab.backends.docker.attached import Attached
from netlab.backends.docker.containers import Image, Run
from netlab.backends.docker.engine import Engine
from netlab.backends.protocol import Message
from netlab.backends.wired.lab import WiredLab
from netlab.collect.counts import InterfaceCount
from netlab.errors import EnvironmentLacks, LabError, NodeError
from netlab.fabric.neighbours import limits, neighbour_notice
from netlab.topology.plan import Node, Plan

#: Requests to the engine at the same time: it serves some containers together, but not all.
_AT_ONCE = 8

_CONTAINER_ENDED = "its container has ended"


class DockerBackend(WiredLab):
    name = "docker"
    supports = frozenset({"image", "command", "user", "env", "files", "binds", "resources"})
    fabric_called = "the lab's fabric container"

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="engine")
        self._connecting = self._threads.submit(Engine.connect)
        self._run: Run | None = None
        self._fabric: Attached | None = None
        self._images: dict[str, Image] = {}
        self._containers: dict[str, str] = {}  # node -> the engine's id of its container

    def warm(self) -> None:
        """It has begun already: the engine is being looked for."""

    def log(self) -> str:
        return self._fabric.log() if self._fabric else ""

    @property
    def first_pid(self) -> int:
        return 0  # of another machine, maybe

    def node_pid(self, node: str) -> int:
        return self.pids[node]

    def entry(self, node: str) -> Message:
        return {"container": self._containers.get(node), "engine": connecting.environment()}

    async def _engine(self) -> Engine:
        return await asyncio.wrap_future(self._connecting)

    async def _in_threads(self, work: Any, items: Sequence[Any]) -> list[Any]:
        """Do the same for all items, some at once; the first failure when all have ended."""
        loop = asyncio.get_running_loop()
        done = await asyncio.gather(
            *(loop.run_in_executor(self._threads, work, item) for item in items),
            return_exceptions=True,
        )
        for each in done:
            if isinstance(each, BaseException):
                raise each
        return done

    async def ask(self, request: Message, descriptors: Sequence[int] = ()) -> Message:
        if self._fabric is None:
            raise LabError("the lab is not up")
        return await self._fabric.ask(request, descriptors)

    async def begin(self, plan: Plan) -> None:
        engine = await self._engine()
        self._threads.submit(leftovers.remove, engine, of_others=False)
        if notice := neighbour_notice(plan, limits()):
            self.listener({"kind": "notice", "text": notice})
        self._run = run = Run.new(plan.name)
        wanted = {self._image_name(node) for node in plan.nodes}
        images = await self._in_threads(engine.image, sorted(wanted | {containers.fabric_image()}))
        self._images = {each.name: each for each in images}
        fabric = await self._in_threads(
            lambda body: engine.start_attached(run.name(containers.FABRIC), body),
            [containers.fabric(run)],
        )
        self._fabric = Attached(fabric[0])
        self._fabric.on_told = self._told

    @staticmethod
    def _image_name(node: Node) -> str:
        return node.image or containers.default_image(node)

    def _told(self, message: Message) -> None:
        if "lost" in message:
            self.process_lost(message["lost"], message["code"])

    async def start_nodes(self, nodes: Sequence[Node]) -> None:
        engine, run = await self._engine(), self._started_run()

        def start(node: Node) -> tuple[str, int]:
            image = self._images[self._image_name(node)]
            body = containers.node(run, self.plan, node, image)
            return engine.start(run.name(node.name), body, node)

        started = await self._in_threads(start, nodes)
        wanted = []
        for node, (container, pid) in zip(nodes, started, strict=True):
            self._containers[node.name], self.pids[node.name] = container, pid
            wanted.append({"name": node.name, "pid": pid, "stream": self._stream_to(node)})
        answer = await self.ask({"do": "nodes", "nodes": wanted})
        if "unreachable" in answer:
            name = answer["unreachable"]
            reason = await self.why_lost(name)
            raise NodeError(f"its agent cannot be reached: {reason}", where=name)
        await self.agents.all_there()

    def _stream_to(self, node: Node) -> int:
        """The stream to a node's agent; 0 where its image has none."""
        if not self._images[self._image_name(node)].agent or self._fabric is None:
            return 0
        ours, theirs = socket.socketpair()
        self.agents.add(node.name, ours)
        with theirs:
            return self._fabric.new_stream(theirs.fileno())

    def _started_run(self) -> Run:
        if self._run is None:
            raise LabError("the lab is not up")
        return self._run

    async def why_lost(self, name: str) -> str:
        if name not in self._containers:
            return await super().why_lost(name)
        engine = await self._engine()
        reasons = await self._in_threads(engine.why_ended, [self._containers[name]])
        return str(reasons[0]) or _CONTAINER_ENDED

    async def flush(self) -> list[InterfaceCount]:
        counts = await super().flush()
        if self._fabric is not None and (failed := self._fabric.failed_write):
            raise EnvironmentLacks(
                f"captures cannot be written any more: {failed.strerror}",
                hint="free some space, or choose another folder with --out",
            )
        return counts

    async def freeze(self, node: str) -> None:
        await self._at_container("pause", node)

    async def thaw(self, node: str) -> None:
        await self._at_container("unpause", node)

    async def _at_container(self, what: str, node: str) -> None:
        engine = await self._engine()
        await self._in_threads(lambda each: engine.act(what, each, node), [self._containers[node]])

    async def crash(self, node: str, interfaces: Sequence[str]) -> bool:
        self.crashing(node)
        await self.ask_node(node, "leave", interfaces=list(interfaces))
        self.agents.forget(node)
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
        if self._fabric is not None:
            self._fabric.close()
        if self._run is not None and self._connecting.done() and not self._connecting.exception():
            self._connecting.result().remove_run(self._run.number)
            self._run = None
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def end(self) -> None:
        if self._fabric is not None:
            self._fabric.close()
        if self._run is not None:
            engine = await self._engine()
            await asyncio.to_thread(engine.remove_run, self._run.number)
            self._run = None
