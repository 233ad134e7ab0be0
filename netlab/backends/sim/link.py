"""Links in memory: cables, and the switch of a LAN."""

from __future__ import annotations

from functools import partial

from netlab.backends.sim.alarm import Alarm
from netlab.backends.sim.station import Send
from netlab.backends.sim.world import World
from netlab.fabric.emulator.sequences import is_syn
from netlab.fabric.emulator.way import Way
from netlab.topology.impairment import Fault, Profile

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
        self._alarm = Alarm(world, self._proceed)

    def send(self, frame: bytes) -> None:
        if not self.is_up:
            return
        way = self.way
        if way is None:
            self._pass(frame)
        elif way.is_clear:
            if is_syn(frame):
                way.sequences.watch(frame)
            self._count(way, frame)
        else:
            way.receive(self._world.now, frame)
            self._proceed()

    def change(self, profile: Profile) -> None:
        if self.way is not None:
            self.way.change(self._world.now, profile)
            self._proceed()

    def add(self, fault: Fault) -> None:
        if self.way is not None:
            self.way.add(fault)

    def release(self, moment: str) -> None:
        """What is held until then goes on."""
        if self.way is not None:
            self.way.release(self._world.now, moment)
            self._proceed()

    def _proceed(self) -> None:
        """Take what the way has ready, and come back when it has more."""
        if (way := self.way) is not None:
            for frame in way.frames_to_send(self._world.now):
                self._count(way, frame)
            self._alarm.set(way.next_timeout)

    def _count(self, way: Way, frame: bytes) -> None:
        way.tally.passed += 1
        way.tally.bytes += len(frame)
        self._pass(frame)

    def _pass(self, frame: bytes) -> None:
        self._world.at(self._world.now + self._delay, partial(self._arrive, frame))

    def _arrive(self, frame: bytes) -> None:
        """What arrives while the cable is unplugged is lost."""
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
