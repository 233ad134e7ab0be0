"""Runs of labs in virtual time without agents: a story on the nodes' stacks, and what was seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

from netlab.analyse import analyse
from netlab.analyse.model import Analysis, Connection
from netlab.backends.sim.clock import EPOCH
from netlab.backends.sim.loop import play
from netlab.backends.sim.network import SimNetwork
from netlab.backends.sim.recorder import Recorder
from netlab.collect.events import VERSION, Event
from netlab.topology.plan import Plan
from netlab.wire import pcapng

#: Plays on the stations of a network.
Story = Callable[[SimNetwork], Awaitable[None]]


@dataclass(frozen=True)
class Recorded:
    plan: Plan
    events: Sequence[Event]
    blocks: Sequence[pcapng.Block]

    @cached_property
    def analysis(self) -> Analysis:
        return analyse(self.plan, self.events, self.blocks)

    @property
    def connection(self) -> Connection:
        """The only one; ValueError when there are more or none."""
        (connection,) = self.analysis.connections
        return connection


def recorded(plan: Plan, story: Story, events: Sequence[Event] = ()) -> Recorded:
    """``events`` come beside what the stacks tell, in their times since the lab began."""
    plan, output = plan.on_user_stack(), BytesIO()
    recorder = Recorder(plan)
    network = SimNetwork(plan, capture=output, watcher=recorder.watcher)

    async def told() -> None:
        await story(network)

    play(network.world, told())
    output.seek(0)
    began = Event(0, "run", data={"version": VERSION, "lab": plan.name, "epoch": EPOCH})
    return Recorded(plan, [began, *recorder.events, *events], list(pcapng.read(output)))
