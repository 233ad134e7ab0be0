"""Runs of labs in virtual time without agents: a story on the nodes' stacks, and what was seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

from netlab.agent.channel import Message
from netlab.agent.userspace.telling import told
from netlab.analyse import analyse
from netlab.analyse.model import Analysis, Connection
from netlab.backends.sim.clock import COMING_UP, EPOCH
from netlab.backends.sim.impairing import Impairing
from netlab.backends.sim.loop import play
from netlab.backends.sim.network import SimNetwork, Watcher
from netlab.collect.events import VERSION, Event, of_message
from netlab.stack.api.programs import StackEvent
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
    seen = [Event(0, "run", data={"version": VERSION, "lab": plan.name, "epoch": EPOCH})]

    def note(message: Message) -> None:
        seen.append(of_message(message, epoch=EPOCH))

    def hear(node: str, event: StackEvent) -> None:
        if (message := told(event, EPOCH - COMING_UP)) is not None:
            note({"node": node, **message})

    watcher = Watcher(event=hear, hit=Impairing(plan, note).hit)
    network = SimNetwork(plan, capture=output, watcher=watcher)

    async def played() -> None:
        await story(network)

    play(network.world, played())
    output.seek(0)
    return Recorded(plan, [*seen, *events], list(pcapng.read(output)))
