"""The netns backend: nodes are processes in namespaces of their own. No root, daemon or image."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

from netlab import linux
from netlab.backends.netns.control import MOST_DESCRIPTORS
from netlab.backends.netns.equipment import equipment_request
from netlab.backends.netns.process import Holder
from netlab.backends.protocol import Message
from netlab.backends.wired.lab import WiredLab, chunks
from netlab.errors import EnvironmentLacks, LabError
from netlab.fabric.files import lab_files
from netlab.fabric.neighbours import limits, neighbour_notice
from netlab.topology.plan import Node, Plan


class NetnsBackend(WiredLab):
    name = "netns"
    fabric_called = "the lab's holder"
    supports = frozenset({"env", "files", "binds"})

    def __init__(self) -> None:
        super().__init__()
        self._holder: Holder | None = None
        self._log = os.memfd_create("netlab-log")

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
        return self.pids[node]

    def entry(self, node: str) -> Message:
        return {"first_pid": self.first_pid, "node_pid": self.node_pid(node)}

    @property
    def _started(self) -> Holder:
        if self._holder is None:
            raise LabError("the lab is not up")
        return self._holder

    async def ask(self, request: Message, descriptors: Sequence[int] = ()) -> Message:
        return await self._started.ask(request, descriptors)

    async def begin(self, plan: Plan) -> None:
        if self._holder is None:
            self.warm()
        self._started.on_lost = self.process_lost
        await self._started.ready()
        if notice := neighbour_notice(plan, limits()):
            self.listener({"kind": "notice", "text": notice})
        await self.ask({"do": "names", "files": lab_files(plan)})

    async def start_nodes(self, nodes: Sequence[Node]) -> None:
        wanted = {node.name: node for node in nodes}
        names = list(wanted)
        in_all = len(self.pids.keys() | names)  # a node that starts again is one of many
        for some in chunks(names, MOST_DESCRIPTORS):
            try:
                pairs = [socket.socketpair() for _ in some]
            except OSError as error:
                raise EnvironmentLacks(
                    f"no connections to {len(names)} nodes can be made: {error.strerror}",
                    hint="raise the limit of open files: ulimit -n",
                ) from error
            answer = await self.ask(
                {
                    "do": "nodes",
                    "names": some,
                    "of": in_all,
                    "equipment": equipment_request([wanted[name] for name in some]),
                },
                [theirs.fileno() for _, theirs in pairs],
            )
            for name, pid, (ours, theirs) in zip(some, answer["pids"], pairs, strict=True):
                theirs.close()
                self.pids[name] = pid
                self.agents.add(name, ours)
        await self.agents.all_there()

    async def until_ready(self, nodes: Sequence[str]) -> None:
        """They are: what runs in a node of namespaces is a service or a step's."""

    async def pause(self, node: str) -> None:
        await self.ask_node(node, "freeze")

    async def unpause(self, node: str) -> None:
        await self.ask_node(node, "thaw")

    async def crash(self, node: str, interfaces: Sequence[str]) -> bool:
        self.crashing(node)
        self.pids[node] = 0
        answer = await self.ask_node(node, "crash", interfaces=list(interfaces))
        self.agents.forget(node)
        await self.collect("look", node=node)
        return bool(answer["clean"])

    async def restart(self, node: str) -> None:
        planned = self.plan.node(node)
        await self.start_nodes([planned])
        self.back(node)
        await self.start_stacks([planned])

    async def ended(self) -> None:
        await self._started.ended.wait()

    def kill(self) -> None:
        """End everything at once; harmless when nothing is left."""
        if self._holder is not None:
            self._holder.kill()

    async def end(self) -> None:
        if self._holder is not None:
            await self._holder.end()
            self._holder = None
