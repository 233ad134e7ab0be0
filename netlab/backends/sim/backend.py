"""The sim backend: nodes are hosts of our own stack, all in one process and in virtual time.

Nothing here needs Linux, privileges or another process, and nothing depends on the machine: the
same seed and topology give the same packets and events, byte for byte.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from netlab import clock
from netlab.backends.protocol import Listener, Message
from netlab.backends.sim.capture import Capture
from netlab.backends.sim.clock import WorldClock
from netlab.backends.sim.growing import GrowingFile
from netlab.backends.sim.impairing import Impairing
from netlab.backends.sim.inhabitant import Inhabitant
from netlab.backends.sim.life import Life, Make
from netlab.backends.sim.loop import WorldLoop
from netlab.backends.sim.network import SimNetwork, Watcher
from netlab.backends.sim.station import Station
from netlab.backends.sim.world import World
from netlab.collect.counts import InterfaceCount
from netlab.errors import EnvironmentLacks, LabError, NodeError, UsageError
from netlab.fabric.configuration import Configuration
from netlab.stack.api.programs import StackEvent
from netlab.stack.units import SECOND
from netlab.topology.plan import End, Node, Plan

#: Seconds that an answer of an agent is under way. In real time there is such a gap between one
#: step and the next, and scenarios count on it: what an ICMP error tells has come by then.
_ASKING = 0.001


class SimBackend:
    name = "sim"
    supports: frozenset[str] = frozenset()
    is_virtual = True

    def __init__(self, make: Make = Inhabitant) -> None:
        """``make`` makes the agents of nodes."""
        self._make = make
        self.world = World()
        self._loop: WorldLoop | None = None
        self._network: SimNetwork | None = None
        self._impairing: Impairing | None = None
        self._output: GrowingFile | None = None
        self._lives: dict[str, Life] = {}
        self._listener: Listener = lambda _event: None

    @contextmanager
    def runner(self) -> Iterator[asyncio.Runner]:
        with (
            clock.of(WorldClock(self.world)),
            asyncio.Runner(loop_factory=self._make_loop) as runner,
        ):
            yield runner

    def _make_loop(self) -> WorldLoop:
        self._loop = WorldLoop(self.world)
        return self._loop

    def entry(self, node: str) -> Message:
        raise UsageError(
            "no program can be run in it: its time is virtual",
            where=node,
            hint="use another backend for labs to look into",
        )

    def warm(self) -> None:
        """There is nothing to begin."""

    def log(self) -> str:
        return ""

    async def up(self, plan: Plan, capture: Path | None, listener: Listener) -> None:
        self._listener = listener
        try:
            self._output = GrowingFile(capture or Path(os.devnull))
        except OSError as error:
            raise _cannot_write(error) from error
        self._impairing = impairing = Impairing(plan, listener)
        impairing.begin()
        watcher = Watcher(event=self._hear, hit=impairing.hit)
        self._network = SimNetwork(plan, world=self.world, capture=self._output, watcher=watcher)
        for node in plan.nodes:
            self._begin(node, self._network.stations[node.name])
        for node in plan.nodes:
            listener({"kind": "node", "node": node.name, "status": "ready"})

    def _begin(self, node: Node, station: Station) -> None:
        assert self._loop is not None
        self._lives[node.name] = Life(node, self._loop, station, self._listener, self._make)

    def _hear(self, node: str, event: StackEvent) -> None:
        if node in self._lives:  # hosts that come up have nobody yet
            self._lives[node].hear(event)

    async def call(self, node: str, do: str, **arguments: Any) -> Message:
        answer = await self._life(node).call({"do": do, **arguments})
        await asyncio.sleep(_ASKING)
        return answer or {"ok": False, "error": f"{node} has crashed"}

    async def change(self, node: str, what: str, **arguments: Any) -> list[str]:
        end = End(node, arguments["interface"])
        if what == "set-link":
            self._net.links.switch(end, is_up=arguments["up"])
        elif what == "set-mtu":
            self._net.links.mtus[end] = arguments["mtu"]
        answer = await self._life(node).tell("change-stack", what=what, **arguments)
        problems: list[str] = answer["problems"] if answer["ok"] else [answer["error"]]
        if not problems:
            wanted = Configuration.from_json(arguments["configuration"])
            self._net.configurations[node] = wanted
        return problems

    async def freeze(self, node: str) -> None:
        self._life(node).freeze()

    async def thaw(self, node: str) -> None:
        self._life(node).thaw()

    async def crash(self, node: str, interfaces: Sequence[str]) -> bool:
        for interface in interfaces:
            self._net.links.switch(End(node, interface), is_up=False)
        self._life(node).crash()
        return True

    async def restart(self, node: str) -> None:
        self._begin(self._net.plan.node(node), self._net.restart(node))

    async def until_ready(self, nodes: Sequence[str]) -> None:
        """They are: a host needs no time to start."""

    async def impair(self, do: str, **arguments: Any) -> Message:
        assert self._impairing is not None
        return self._impairing.ask(self._net, do, arguments)

    async def sockets(self, node: str) -> Message:
        life = self._life(node)
        return {"t": clock.now(), "sockets": []} if life.has_crashed else await life.tell("sockets")

    async def flush(self) -> Sequence[InterfaceCount]:
        capture = self._capture
        capture.flush()
        if capture.failed is not None:
            raise _cannot_write(capture.failed)
        ends = self._net.links.mtus
        return [
            InterfaceCount(end.node, end.interface, packets, 0)
            for end, packets in zip(ends, capture.counts, strict=True)
        ]

    async def idle(self) -> float:
        return (self.world.now - (self._capture.last or 0)) / SECOND

    async def ended(self) -> None:
        if self._loop is not None:
            await asyncio.shield(self._loop.broken)

    async def down(self) -> None:
        for life in self._lives.values():
            life.crash()
        if self._loop is not None:
            self._loop.resume_all()  # what stands still cannot be cancelled
        self.kill()

    def kill(self) -> None:
        if self._output is not None:
            with suppress(OSError):  # of which `flush` has told
                self._output.flush()

    def _life(self, node: str) -> Life:
        if node not in self._lives:
            raise NodeError("the lab has no such node, or is down", where=node)
        return self._lives[node]

    @property
    def _net(self) -> SimNetwork:
        if self._network is None:
            raise LabError("the lab is not up")
        return self._network

    @property
    def _capture(self) -> Capture:
        capture = self._net.capture
        assert capture is not None
        return capture


def _cannot_write(error: OSError) -> EnvironmentLacks:
    return EnvironmentLacks(
        f"captures cannot be written any more: {error.strerror}",
        hint="free some space, or choose another folder with --out",
    )
