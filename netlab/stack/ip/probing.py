"""Whether an address is somebody else's: RFC 5227 for IPv4, RFC 4862, 5.4, for IPv6.

Both ask a few times, wait, and then use the address; what differs is in two rows of constants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol, TypeAlias

from netlab.stack.deadlines import Deadlines
from netlab.stack.ip.interface import AddressState, Interface
from netlab.stack.units import SECOND

#: RFC 5227, 2.4: an address is defended once in ten seconds.
DEFEND_INTERVAL = 10 * SECOND

_Key: TypeAlias = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is asked and announced, and how long is waited, in ns."""

    probes: int
    first_wait: int
    min_interval: int
    max_interval: int
    last_wait: int
    announcements: int
    announce_interval: int


#: RFC 5227, 1.1.
PACE_V4 = Pace(3, 1 * SECOND, 1 * SECOND, 2 * SECOND, 2 * SECOND, 2, 2 * SECOND)
#: RFC 4862, 5.1 and 5.4.2. IPv6 announces nothing.
PACE_V6 = Pace(1, 1 * SECOND, 1 * SECOND, 1 * SECOND, 1 * SECOND, 0, 0)


class Asker(Protocol):
    """Sends what each version of IP asks and announces."""

    def probe(self, interface: Interface, address: bytes) -> None: ...

    def announce(self, interface: Interface, address: bytes) -> None: ...


@dataclass(slots=True)
class _Progress:
    interface: Interface
    probes: int = 0
    announcements: int = 0


#: Called with the interface, the address, whether it is free, and the rival's MAC address if not.
Outcome: TypeAlias = Callable[[int, Interface, bytes, bool, bytes], None]


class Probing:
    """The addresses of a host that are being probed, announced or defended."""

    def __init__(self, random: Random, outcome: Outcome) -> None:
        self._random = random
        self._outcome = outcome
        self._askers: dict[int, Asker] = {}
        self._progress: dict[_Key, _Progress] = {}
        self._deadlines: Deadlines[_Key] = Deadlines()
        self._defended: dict[_Key, int] = {}

    def asks_by(self, size: int, asker: Asker) -> None:
        """Who asks for addresses of ``size`` bytes."""
        self._askers[size] = asker

    def begin(self, now: int, interface: Interface, address: bytes) -> None:
        """Start with a tentative address, after a random wait, lest all start at once."""
        key = interface.name, address
        self._progress[key] = _Progress(interface)
        wait = int(self._random.uniform(0, _pace(address).first_wait))
        self._deadlines.set(key, now + wait)

    def stop(self, interface: Interface, address: bytes) -> None:
        key = interface.name, address
        self._progress.pop(key, None)
        self._deadlines.cancel(key)
        self._defended.pop(key, None)

    def conflict(self, now: int, interface: Interface, address: bytes, mac: bytes) -> None:
        """Somebody uses the address. A tentative one is given up, another is defended."""
        if interface.assigned[address].state is AddressState.TENTATIVE:
            self._give_up(now, interface, address, mac)
            return
        key = interface.name, address
        defended = self._defended.get(key)
        if defended is None or now - defended >= DEFEND_INTERVAL:
            self._defended[key] = now
            self._askers[len(address)].announce(interface, address)

    def rival(self, now: int, interface: Interface, address: bytes, mac: bytes) -> bool:
        """Somebody probes for the address, too: who still does so gives it up (5227, 2.1.1)."""
        assigned = interface.assigned.get(address)
        if assigned is None or assigned.state is not AddressState.TENTATIVE:
            return False
        self._give_up(now, interface, address, mac)
        return True

    def next_timeout(self) -> int | None:
        return self._deadlines.next()

    def handle_timeout(self, now: int) -> None:
        for key in self._deadlines.expired(now):
            self._go_on(now, key, self._progress[key])

    def _go_on(self, now: int, key: _Key, progress: _Progress) -> None:
        interface, address = progress.interface, key[1]
        pace, asker = _pace(address), self._askers[len(address)]
        if progress.probes < pace.probes:
            progress.probes += 1
            asker.probe(interface, address)
            is_last = progress.probes == pace.probes
            interval = self._random.uniform(pace.min_interval, pace.max_interval)
            self._deadlines.set(key, now + (pace.last_wait if is_last else int(interval)))
            return
        if progress.announcements == 0:
            self._outcome(now, interface, address, True, b"")
        if progress.announcements < pace.announcements:
            progress.announcements += 1
            asker.announce(interface, address)
            self._deadlines.set(key, now + pace.announce_interval)
        else:
            del self._progress[key]

    def _give_up(self, now: int, interface: Interface, address: bytes, mac: bytes) -> None:
        self.stop(interface, address)
        self._outcome(now, interface, address, False, mac)


def _pace(address: bytes) -> Pace:
    return PACE_V4 if len(address) == 4 else PACE_V6
