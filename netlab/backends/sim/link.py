"""Links in memory: cables, and the switch of a LAN."""

from __future__ import annotations

from functools import partial

from netlab.backends.sim.station import Send
from netlab.backends.sim.world import World
from netlab.fabric.emulator.sequences import is_syn
from netlab.fabric.emulator.way import Way

#: A frame takes time, so that no two hosts can talk for ever at one instant: ns.
PROPAGATION = 20_000

#: Addresses that a switch knows the ports of; frames to others go to all.
_MOST_LEARNT = 4096


class Passage:
    """One direction of a cable: what ``way`` lets through is delivered a little later."""

    def __init__(
        self, world: World, deliver: Send, way: Way | None = None, *, delay: int = PROPAGATION
    ) -> None:
        self.way = way
        self.is_up = True
        self._world = world
        self._deliver = deliver
        self._delay = delay
        self._asks_at: int | None = None

    def send(self, frame: bytes) -> None:
        if not self.is_up:
            return
        way = self.way
        if way is None:
            self._pass(frame)
        elif way.is_clear:
            if is_syn(frame):
                way.sequences.watch(frame)
            self._count(frame)
        else:
            way.receive(self._world.now, frame)
            self.proceed()

    def proceed(self) -> None:
        """Take what the way has ready; to be called after it was changed, too."""
        way, now = self.way, self._world.now
        if way is None:
            return
        for frame in way.frames_to_send(now):
            self._count(frame)
        due = way.next_timeout
        if due is not None and (self._asks_at is None or due < self._asks_at):
            self._asks_at = due
            self._world.at(due, self._ask)

    def _ask(self) -> None:
        if self._asks_at is not None and self._asks_at <= self._world.now:
            self._asks_at = None
            self.proceed()

    def _count(self, frame: bytes) -> None:
        assert self.way is not None
        self.way.tally.passed += 1
        self.way.tally.bytes += len(frame)
        self._pass(frame)

    def _pass(self, frame: bytes) -> None:
        self._world.at(self._world.now + self._delay, partial(self._arrive, frame))

    def _arrive(self, frame: bytes) -> None:
        """What was under way when the cable was cut is lost."""
        if self.is_up:
            self._deliver(frame)


class Switch:
    """Learns which address is behind which port; passes on at once."""

    def __init__(self) -> None:
        self.ports: list[SwitchPort] = []
        self.learnt: dict[bytes, SwitchPort] = {}

    def add_port(self) -> SwitchPort:
        self.ports.append(SwitchPort(self))
        return self.ports[-1]


class SwitchPort:
    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._send: Send | None = None

    def connect(self, send: Send) -> None:
        """Where frames go that leave the switch here."""
        self._send = send

    def receive(self, frame: bytes) -> None:
        """A frame comes into the switch."""
        learnt, target, source = self._switch.learnt, frame[:6], frame[6:12]
        if len(learnt) < _MOST_LEARNT or source in learnt:
            learnt[source] = self
        known = None if target[0] & 1 else learnt.get(target)
        for port in self._switch.ports if known is None else (known,):
            if port is not self:
                port.emit(frame)

    def emit(self, frame: bytes) -> None:
        if self._send is not None:
            self._send(frame)
