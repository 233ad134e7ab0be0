"""Two TCP layers, a link between them that does what it likes, and a virtual clock."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from netlab.stack.events import TcpEvent
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.layer import TcpLayer
from netlab.stack.tcp.listener import Listener
from netlab.stack.tcp.outgoing import Outgoing
from netlab.stack.tcp.profile import LINUX, Profile
from netlab.stack.tcp.settings import DEFAULT, Settings
from netlab.testing.tcp_dialogue import OURS, PEER, PORT, FixedPath

_SECOND = 1_000_000_000
_SEGMENTS = 100_000
_DAY = 24 * 3600 * _SECOND


@dataclass(frozen=True, slots=True)
class Weather:
    """Chances from 0 to 1; ``delay`` and ``jitter`` are ns. ``drops`` are segments by number.

    Segments with more than ``largest`` bytes vanish, and nobody says so.
    """

    loss: float = 0
    duplication: float = 0
    reordering: float = 0
    marking: float = 0
    delay: int = 5_000_000
    jitter: int = 20_000_000
    drops: frozenset[int] = frozenset()
    largest: int = 1 << 16


@dataclass(slots=True)
class Pipe:
    """``client`` is at 10.0.0.1, ``server`` at 10.0.0.2."""

    weather: Weather = Weather()
    seed: int = 1
    profiles: tuple[Profile, Profile] = (LINUX, LINUX)
    path: FixedPath = field(default_factory=FixedPath)
    now: int = _SECOND
    wire: list[tuple[int, Outgoing]] = field(default_factory=list)
    events: list[TcpEvent] = field(default_factory=list)
    client: TcpLayer = field(init=False)
    server: TcpLayer = field(init=False)
    _chance: random.Random = field(init=False)
    _flying: list[tuple[int, int, TcpLayer, Outgoing]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - the same each time
        self.client, self.server = (
            TcpLayer(
                random=random.Random(self.seed + number),  # noqa: S311 - likewise
                routes=FixedPath(address, self.path.size, self.path.limit),
                profile=profile,
            )
            for number, (address, profile) in enumerate(
                zip((OURS, PEER), self.profiles, strict=True), start=1
            )
        )

    def open(
        self, settings: Settings = DEFAULT, peer: Settings = DEFAULT
    ) -> tuple[Connection, Listener]:
        """A connection that begins now, and the listener it goes to."""
        listener = self.server.listen(self.now, PORT, settings=peer)
        return self.client.connect(self.now, PEER, PORT, settings=settings), listener

    def opened(
        self, settings: Settings = DEFAULT, peer: Settings = DEFAULT
    ) -> tuple[Connection, Connection]:
        """Both ends of an established connection."""
        connection, listener = self.open(settings, peer)
        self.run(lambda: listener.acceptable > 0)
        return connection, listener.accept()

    @property
    def server_gave_up(self) -> bool:
        """The client opened a connection that its peer does not know any more."""
        return not len(self.server.sockets) and any(
            each.cb.syn_acknowledged for each in self.client.sockets
        )

    def run(self, until: Callable[[], bool], limit: int = _DAY) -> None:
        """Let time pass until something is so; AssertionError if it never becomes so."""
        end, steps = self.now + limit, 0
        while not until():
            steps += 1
            assert self._step(), "it did not come to that, and nothing will happen any more"
            assert self.now < end, f"it did not come to that in {limit} ns"
            assert steps < _SEGMENTS, f"it did not come to that in {steps} steps"

    def settle(self) -> None:
        """Until nothing flies and no timer is left."""
        for _ in range(_SEGMENTS):
            if not self._step():
                return
        raise AssertionError("it goes on for ever")

    def _step(self) -> bool:
        """The next thing that happens, or False if nothing ever will."""
        self._launch()
        times = [self._flying[0][0]] if self._flying else []
        times += [t for layer in self._layers if (t := layer.next_timeout()) is not None]
        if not times:
            return False
        self.now = max(self.now, min(times))
        for layer in self._layers:
            due = layer.next_timeout()
            if due is not None and due <= self.now:
                layer.handle_timeout(self.now)
        while self._flying and self._flying[0][0] <= self.now:
            self._land(*heappop(self._flying)[2:])
        self._launch()
        return True

    @property
    def _layers(self) -> tuple[TcpLayer, TcpLayer]:
        return self.client, self.server

    def _launch(self) -> None:
        for layer, other in ((self.client, self.server), (self.server, self.client)):
            while out := layer.to_send(self.now):
                for each in out:
                    self._fly(other, each)
            while event := layer.next_event():
                self.events.append(event)

    def _fly(self, target: TcpLayer, out: Outgoing) -> None:
        number = len(self.wire)
        self.wire.append((self.now, out))
        weather, chance = self.weather, self._chance
        if number in weather.drops or chance.random() < weather.loss:
            return
        if min(out.segment_size, len(out.payload)) > weather.largest:
            return
        for _ in range(2 if chance.random() < weather.duplication else 1):
            late = chance.randrange(weather.jitter) if chance.random() < weather.reordering else 0
            arrival = self.now + weather.delay + late
            heappush(self._flying, (arrival, len(self.wire) * 2 + len(self._flying), target, out))

    def _land(self, target: TcpLayer, out: Outgoing) -> None:
        marked = out.ecn and self._chance.random() < self.weather.marking
        target.receive(
            self.now,
            out.source,
            out.destination,
            out.header,
            bytes(out.payload),
            ecn=3 if marked else out.ecn,
        )


def transfer(pipe: Pipe, ends: tuple[Connection, Connection], data: bytes, back: bytes) -> None:
    """Each end sends its bytes, closes, and has read all of the other's."""
    movers = [_Mover(pipe, end, mine) for end, mine in zip(ends, (data, back), strict=True)]

    def all_done() -> bool:
        return sum(mover.move() for mover in movers) == len(movers)

    pipe.run(all_done)
    received = [bytes(mover.received) for mover in movers]
    assert received == [back, data], "other bytes arrived than were sent"


@dataclass(slots=True)
class _Mover:
    pipe: Pipe
    end: Connection
    data: bytes
    received: bytearray = field(default_factory=bytearray)
    sent: int = 0
    closed: bool = False
    done: bool = False

    def move(self) -> bool:
        """All that can be done now; whether all is done."""
        if self.end.writable and self.sent < len(self.data):
            self.sent += self.end.send(self.pipe.now, self.data[self.sent :])
        if not self.closed and self.sent == len(self.data) and self.end.cb.syn_acknowledged:
            self.end.shutdown(self.pipe.now)
            self.closed = True
        while not self.done and self.end.readable:
            chunk = self.end.receive(self.pipe.now, 1 << 16)
            self.received += chunk
            self.done = not chunk
        return self.done and self.closed
