"""What happens in a world as events: the state log of every host, and what links did."""

from __future__ import annotations

from typing import Any

from netlab.backends.sim.clock import EPOCH, date
from netlab.backends.sim.network import Watcher
from netlab.collect.events import Event
from netlab.fabric.emulator.hit import Hit
from netlab.stack.api.programs import StackEvent
from netlab.stack.events import Transition, Variables
from netlab.stack.tcp.pair import Pair
from netlab.topology.impairment import stretch_name
from netlab.topology.plan import Plan
from netlab.wire.address import endpoint


class Recorder:
    """``events`` are in the order in which they happened; ``t`` is ns since the lab began."""

    def __init__(self, plan: Plan) -> None:
        self.events: list[Event] = []
        self._links = {
            stretch_name(link.name, impairment.end): link.name
            for link in plan.links
            for impairment in link.impairments
        }

    @property
    def watcher(self) -> Watcher:
        return Watcher(event=self._note, hit=self._note_hit)

    def lines(self) -> str:
        return "".join(f"{event.line()}\n" for event in self.events)

    def _note(self, node: str, event: StackEvent) -> None:
        if isinstance(event, Transition):
            data = {
                **_ends(event.pair),
                "old": event.before.value,
                "new": event.after.value,
                "source": "stack",
                "cause": event.cause.value,
            }
            self.events.append(Event(date(event.time) - EPOCH, "state", node, data=data))
        elif isinstance(event, Variables):
            data = {**_ends(event.pair), "values": dict(event.values)}
            self.events.append(Event(date(event.time) - EPOCH, "variables", node, data=data))

    def _note_hit(self, stretch: str, way: str, hit: Hit) -> None:
        data = {
            "link": self._links[stretch],
            "stretch": stretch,
            "way": way,
            "action": hit.action,
            "reason": hit.reason,
            "text": hit.text,
            "came": date(hit.came) - EPOCH,
            "frame_len": hit.frame_len,
            "digest": hit.digest,
        }
        self.events.append(Event(date(hit.t) - EPOCH, "impairment", data=data))


def _ends(pair: Pair) -> dict[str, Any]:
    return {
        "transport": "tcp",
        "local": endpoint(pair.local, pair.local_port),
        "foreign": endpoint(pair.remote, pair.remote_port),
    }
