"""The links of a plan as cables and switches, from interface to interface, past the capture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from netlab.backends.sim.capture import Capture
from netlab.backends.sim.link import PROPAGATION, Passage, Switch
from netlab.backends.sim.station import Send
from netlab.backends.sim.world import World
from netlab.fabric.emulator.hit import Hit
from netlab.fabric.emulator.played import Played
from netlab.fabric.emulator.sequences import Sequences
from netlab.fabric.emulator.way import Way
from netlab.topology.impairment import Impairment, stretch_name
from netlab.topology.plan import End, Link, LinkKind, Plan

#: Longer frames than the MTU and this are dropped by the interface they come to.
_ETHERNET_HEADER = 14

#: Told what happens to a packet: the stretch, the way, and what.
OnHit = Callable[[str, str, Hit], None]

#: Takes a frame that has come to an interface.
Deliver = Callable[[End, bytes], None]


@dataclass(frozen=True, slots=True)
class Cable:
    """``passages`` are its both ways; of a LAN, each member's cable leads to the switch."""

    link: str
    ends: frozenset[End]
    passages: tuple[Passage, Passage]


class Cabling:
    """``exits`` are what interfaces send to, ``stretches`` the impaired cables by their names."""

    def __init__(
        self, world: World, plan: Plan, capture: Capture | None, deliver: Deliver, on_hit: OnHit
    ) -> None:
        """FilterError when a fault's expression is wrong."""
        self.played = Played()
        self.stretches: dict[str, Cable] = {}
        self.exits: dict[str, dict[str, Send]] = {node.name: {} for node in plan.nodes}
        self.mtus = {End(n.name, i.name): i.mtu for n in plan.nodes for i in n.interfaces}
        #: Frames that were longer than the MTU of the interface they came to.
        self.dropped = 0
        self._world = world
        self._seed = plan.seed
        self._capture = capture
        self._deliver = deliver
        self._on_hit = on_hit
        self._cables: dict[End, Cable] = {}
        self._down: set[End] = set()
        self._numbers = {e: capture.add(e.node, e.interface) for e in self.mtus} if capture else {}
        for link in plan.links:
            self._connect(link)

    def switch(self, end: End, *, is_up: bool) -> None:
        """A cable with an end that is down carries nothing; what is on its way is lost."""
        (self._down.discard if is_up else self._down.add)(end)
        cable = self._cables[end]
        for passage in cable.passages:
            passage.is_up = not cable.ends & self._down

    def _connect(self, link: Link) -> None:
        if link.kind is LinkKind.POINT_TO_POINT:
            left, right = link.ends
            impairment = link.impairments[0] if link.impairments else None
            cable = self._cable(
                link, impairment, link.ends, self._entrance(left), self._entrance(right)
            )
            self._exit(left, cable, cable.passages[0])
            self._exit(right, cable, cable.passages[1])
            return
        switch = Switch()
        for end in link.ends:
            impairment = next((i for i in link.impairments if i.end == str(end)), None)
            port = switch.add_port()
            cable = self._cable(link, impairment, (end,), self._entrance(end), port.receive)
            port.connect(cable.passages[1].send)
            self._exit(end, cable, cable.passages[0])

    def _cable(
        self,
        link: Link,
        impairment: Impairment | None,
        ends: tuple[End, ...],
        left: Send,
        right: Send,
    ) -> Cable:
        """Its first passage leads from the left to ``right``, the second back to ``left``."""
        forward, backward = self._ways(link, impairment)
        delay = PROPAGATION // (3 - len(ends))  # a frame on a LAN takes two cables
        cable = Cable(
            link.name,
            frozenset(ends),
            (
                Passage(self._world, right, forward, delay=delay),
                Passage(self._world, left, backward, delay=delay),
            ),
        )
        if impairment is not None:
            self.stretches[stretch_name(link.name, impairment.end)] = cable
        return cable

    def _ways(self, link: Link, impairment: Impairment | None) -> tuple[Way | None, Way | None]:
        if impairment is None:
            return None, None
        name = stretch_name(link.name, impairment.end)
        sequences = Sequences()
        mtu = max(self.mtus[end] for end in link.ends)

        def way(which: str) -> Way:
            is_forward = which == "forward"
            return Way(
                f"{self._seed}/{name}/{which}",
                impairment.forward if is_forward else impairment.backward,
                [fault for fault in impairment.faults if fault.forward is is_forward],
                mtu=mtu,
                played=self.played,
                sequences=sequences,
                on_hit=partial(self._on_hit, name, which),
            )

        return way("forward"), way("backward")

    def _exit(self, end: End, cable: Cable, passage: Passage) -> None:
        """Frames that an interface sends."""
        self._cables[end] = cable
        self.exits[end.node][end.interface] = self._watched(end, passage.send, outbound=True)

    def _entrance(self, end: End) -> Send:
        """Frames that come to an interface."""

        def take(frame: bytes) -> None:
            if len(frame) > self.mtus[end] + _ETHERNET_HEADER:
                self.dropped += 1
            else:
                self._deliver(end, frame)

        return self._watched(end, take, outbound=False)

    def _watched(self, end: End, send: Send, *, outbound: bool) -> Send:
        capture = self._capture
        if capture is None:
            return send
        number = self._numbers[end]

        def note(frame: bytes) -> None:
            capture.note(number, frame, outbound=outbound)
            send(frame)

        return note
