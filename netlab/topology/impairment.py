"""What a link does to packets on their way, resolved.

Lengths are bytes, durations seconds, rates bits per second, chances 0 to 1. A link is impaired
between two captures: its ends' packets pass the fabric, where one *stretch* joins two interfaces.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from netlab.topology.moment import Moment


class Engine(StrEnum):
    """Who carries an impairment out."""

    NETEM = "netem"  # the kernel's, where it has it and can seed it
    NFT = "nft"  # nftables and tbf, in the kernel: exact drops and rates
    EMULATOR = "emulator"  # netlab's own process: everything


@dataclass(frozen=True, slots=True)
class BurstLoss:
    """Gilbert-Elliott: a chain of a good and a bad state, asked once a packet."""

    enter: float  # chance to go from good to bad
    leave: float  # chance to go from bad to good
    bad: float = 1.0  # chance that a packet is lost in the bad state
    good: float = 0.0  # and in the good state


@dataclass(frozen=True, slots=True)
class Profile:
    """One direction of a stretch.

    Loss, duplication, corruption and reordering leave ARP, neighbour discovery and group
    membership alone, so that a rerun with the same seed loses the same packets; delay, rate and
    queue are for every packet. Jitter keeps packets in order, as a queue would.
    """

    delay: float = 0.0
    jitter: float = 0.0  # each packet's delay is delay ± jitter, uniformly
    loss: float = 0.0
    burst: BurstLoss | None = None
    reorder: float = 0.0  # chance that a packet is held back, so that later ones overtake it …
    reorder_by: float = 0.01  # … for so long
    duplicate: float = 0.0
    corrupt: float = 0.0  # chance that one bit behind the Ethernet header is flipped
    rate: float | None = None
    queue: int | None = None  # bytes that may wait for the rate; the engine's default when None

    @property
    def is_clear(self) -> bool:
        """Whether packets pass as on an unimpaired link."""
        return self == CLEAR

    @property
    def active(self) -> tuple[str, ...]:
        """The names of the fields that do something."""
        return tuple(name for name in FEATURES if getattr(self, name))

    @property
    def longest_wait(self) -> float:
        """Seconds that a packet may be under way, as far as a profile tells."""
        late = self.reorder_by if self.reorder else 0.0
        waiting = 8 * self.queue / self.rate if self.queue and self.rate else 0.0
        return self.delay + self.jitter + late + waiting

    @property
    def is_random(self) -> bool:
        return bool({"jitter", "loss", "burst", "reorder", "duplicate", "corrupt"} & {*self.active})


CLEAR = Profile()

FEATURES = ("delay", "jitter", "loss", "burst", "reorder", "duplicate", "corrupt", "rate")


class Action(StrEnum):
    DROP = "drop"
    HOLD = "hold"
    DUPLICATE = "duplicate"
    CORRUPT = "corrupt"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to exactly these packets of one direction.

    Packets that match ``expression`` (netlab.wire.filter) are counted from 1; of them, those in
    ``nth`` are meant, or every ``every``-th, or all. ``since`` and ``before`` limit a fault to a
    time of the scenario, and only packets of that time are counted. A held packet goes on after
    ``duration`` seconds, or when ``until`` has happened.
    """

    action: Action
    expression: str
    forward: bool  # which direction: from the stretch's left to its right, or back
    where: str  # file:line:column
    text: str  # how the report calls it
    nth: tuple[int, ...] = ()
    every: int | None = None
    since: float | None = None
    before: float | None = None
    duration: float | None = None
    until: Moment | None = None

    def means(self, number: int) -> bool:
        """Whether it is about the packet of this ``number`` among those that match."""
        if self.nth:
            return number in self.nth
        return self.every is None or number % self.every == 0

    @property
    def is_plain_drop(self) -> bool:
        """Whether it drops, at any time of the scenario."""
        return self.action is Action.DROP and self.since is None and self.before is None


@dataclass(frozen=True, slots=True)
class Impairment:
    """A stretch of a link.

    On a point-to-point link, ``end`` is None: forward is from its first end to its second. On a
    LAN, ``end`` (``node:interface``) is the member whose cable is impaired: forward is from it.
    """

    end: str | None = None
    forward: Profile = CLEAR
    backward: Profile = CLEAR
    faults: tuple[Fault, ...] = field(default=())
    engine: Engine | None = None  # asked for by the file; None: netlab chooses

    @property
    def profiles(self) -> tuple[Profile, Profile]:
        return self.forward, self.backward

    def beyond(self, engine: Engine) -> tuple[str, ...]:
        """What ``engine`` cannot do of this, on any machine; in words.

        netem has no exact drops, reorders where it jitters, and corrupts Ethernet headers too;
        nftables has no clock and no seed.
        """
        if engine is Engine.EMULATOR:
            return ()
        active = dict.fromkeys(name for each in self.profiles for name in each.active)
        beyond = [name for name in active if name not in _CAN[engine]]
        beyond += [
            f"'{fault.text}'"
            for fault in self.faults
            if engine is Engine.NETEM or not fault.is_plain_drop
        ]
        return tuple(beyond)


def stretch_name(link: str, end: str | None) -> str:
    """How a stretch is called: as its link, and on a LAN by the member whose cable it is."""
    return link if end is None else f"{link} at {end}"


_CAN = {
    Engine.NETEM: frozenset({"delay", "loss", "burst", "duplicate", "rate"}),
    Engine.NFT: frozenset({"rate"}),
}
