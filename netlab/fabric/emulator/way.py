"""One direction of a stretch: what happens to each packet, and when it goes on.

Neither sockets nor clocks: `receive` takes a frame, `frames_to_send` gives what is due, and
`next_timeout` is when to ask again. A packet meets, in this order: faults, loss, corruption,
duplication, the rate and its queue, the delay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from netlab.fabric.emulator.bottleneck import Bottleneck
from netlab.fabric.emulator.chances import Chances, Fate
from netlab.fabric.emulator.delay_line import DelayLine
from netlab.fabric.emulator.faults import Faults
from netlab.fabric.emulator.held import Held
from netlab.fabric.emulator.hit import Hit, Teller
from netlab.fabric.emulator.packet import Packet
from netlab.fabric.emulator.played import Played
from netlab.fabric.emulator.sequences import Sequences
from netlab.fabric.emulator.tally import Tally
from netlab.fabric.emulator.upkeep import is_upkeep
from netlab.topology.impairment import Action, Fault, Profile

#: Bytes that one direction keeps on its way at most; a frame in memory costs a little more.
MOST_KEPT = 32 << 20
_COST_OF_A_FRAME = 256

_ETHERNET_HEADER = 14
_SECOND = 1_000_000_000


class Way:
    def __init__(
        self,
        seed: str,
        profile: Profile,
        faults: Iterable[Fault] = (),
        *,
        mtu: int = 1500,
        played: Played | None = None,
        sequences: Sequences | None = None,
        on_hit: Callable[[Hit], None] | None = None,
    ) -> None:
        """``seed`` is this way's alone. FilterError when a fault's expression is wrong."""
        self.tally = Tally()
        self._played = played or Played()
        self.sequences = sequences or Sequences()
        self._teller = Teller(on_hit)
        self._chances = Chances(seed)
        self._faults = Faults(faults, self.sequences)
        self._held = Held()
        self._bottleneck = Bottleneck(mtu + _ETHERNET_HEADER)
        self._delay_line = DelayLine()
        self._set(0, profile)

    def _set(self, now: int, profile: Profile) -> None:
        self.profile = profile
        self._delay = profile.delay * _SECOND
        self._jitter = profile.jitter * _SECOND
        self._reorder_by = profile.reorder_by * _SECOND
        self._bottleneck.set(now, profile.rate, profile.queue)

    # What it is told

    def change(self, now: int, profile: Profile) -> None:
        """Packets under way arrive when they would have; those in the queue feel a new rate."""
        self._advance(now)
        self._set(now, profile)

    def add(self, fault: Fault) -> None:
        """It counts packets from now on. FilterError when its expression is wrong."""
        self._faults.add(fault)

    def release(self, now: int, moment: str) -> None:
        """What is held until ``moment`` goes on."""
        self._advance(now)
        for packet, fault in self._held.pop_until(moment):
            self._release(now, packet, fault)

    def receive(self, now: int, frame: bytes) -> None:
        """A frame has come. ``now`` never goes back."""
        self._advance(now)
        self.sequences.watch(frame)
        fate = Fate() if is_upkeep(frame) else self._chances.draw(self.profile)
        packet = Packet(frame, frame, now, fate)
        if self._faults:
            self._meet_faults(now, packet)
        else:
            self._go_on(now, packet)

    # What it says

    @property
    def is_clear(self) -> bool:
        """Whether packets pass at once and unchanged, so that it need not be shown them."""
        return self.profile.is_clear and not self._faults and self.next_timeout is None

    @property
    def next_timeout(self) -> int | None:
        """When to ask for frames again."""
        times = (self._bottleneck.next_sent, self._delay_line.next_due, self._held.next_due)
        return min((each for each in times if each is not None), default=None)

    def frames_to_send(self, now: int) -> Iterator[bytes]:
        """What is due by ``now``."""
        self._advance(now)
        return self._delay_line.pop(now)

    # The way of a packet

    def _meet_faults(self, now: int, packet: Packet) -> None:
        faults = self._faults.that_mean(packet.frame, self._played.time(now))
        for fault in faults:
            if fault.action is Action.DROP:
                self.tally.fault += 1
                self._teller.by_fault("drop", fault, now, packet)
                return
        holding = None
        for fault in faults:
            if fault.action is Action.HOLD:
                holding = fault
                continue
            self._teller.by_fault(fault.action.value, fault, now, packet)
            if fault.action is Action.DUPLICATE:
                self._duplicate(packet)
            else:
                self._corrupt(packet, self._chances.spot())
        if holding is None or self._played.has(holding.until):
            self._go_on(now, packet)
        elif self._has_room(packet):
            self.tally.held += 1
            self._teller.by_fault("hold", holding, now, packet)
            self._held.push(now, packet, holding)
        else:
            self._overflow(now, packet, packet.copies)

    def _release(self, now: int, packet: Packet, fault: Fault) -> None:
        self._teller.by_fault("release", fault, now, packet)
        self._go_on(now, packet)

    def _go_on(self, now: int, packet: Packet) -> None:
        """Past the faults."""
        fate = packet.fate
        if fate.lost:
            self._lose(now, packet, fate.lost)
            return
        if fate.corrupt is not None:
            self._teller.by_chance("corrupt", "corrupt", now, packet)
            self._corrupt(packet, fate.corrupt)
        if fate.duplicate:
            self._teller.by_chance("duplicate", "duplicate", now, packet)
            self._duplicate(packet)
        for _ in range(packet.copies):
            self._queue(now, packet)

    def _lose(self, now: int, packet: Packet, reason: str) -> None:
        if reason == "loss":
            self.tally.lost += packet.copies
        else:
            self.tally.burst += packet.copies
        self._teller.by_chance("drop", reason, now, packet)

    def _corrupt(self, packet: Packet, where: float) -> None:
        self.tally.corrupted += 1
        packet.flip_bit(where)

    def _duplicate(self, packet: Packet) -> None:
        self.tally.duplicated += 1
        packet.copies += 1

    def _queue(self, now: int, packet: Packet) -> None:
        if not self._has_room(packet):
            self._overflow(now, packet, 1)
        elif self.profile.rate is None:
            self._depart(now, packet)
        elif self._bottleneck.accepts(packet):
            self._bottleneck.push(now, packet)
        else:
            self.tally.queue += 1
            self._teller.by_chance("drop", "queue", now, packet)

    def _has_room(self, packet: Packet) -> bool:
        """Whether memory is left for it."""
        held, bottleneck, line = self._held, self._bottleneck, self._delay_line
        count = len(held) + len(bottleneck) + len(line) + 1
        size = held.bytes + bottleneck.bytes + line.bytes + len(packet.frame)
        return size + count * _COST_OF_A_FRAME <= MOST_KEPT

    def _overflow(self, now: int, packet: Packet, copies: int) -> None:
        self.tally.overflow += copies
        self._teller.by_chance("drop", "overflow", now, packet)

    def _depart(self, sent: int, packet: Packet) -> None:
        """Its last bit has left the queue: it is under way."""
        fate = packet.fate
        delay = self._delay + self._jitter * fate.jitter
        if fate.late:
            self.tally.reordered += 1
            self._teller.by_chance("hold", "reorder", sent, packet)
            delay += self._reorder_by
        due = sent + max(0, round(delay))
        self._delay_line.push(due, packet.frame, late=fate.late)

    def _advance(self, now: int) -> None:
        """Do all that is to be done up to ``now``, in the order of its times."""
        while (due := self._held.next_due) is not None and due <= now:
            self._drain(due)
            self._release(due, *self._held.pop())
        self._drain(now)

    def _drain(self, now: int) -> None:
        for sent, packet in self._bottleneck.pop(now):
            self._depart(sent, packet)
