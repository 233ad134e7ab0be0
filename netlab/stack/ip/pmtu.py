"""What is known of the MTU of paths (RFC 1191, RFC 8201)."""

from __future__ import annotations

from bisect import bisect_left

from netlab.stack.deadlines import Deadlines
from netlab.stack.units import SECOND

#: How long a smaller MTU is believed (RFC 1191, 6.3; RFC 8201, 5.3), and how many are remembered.
LIFETIME = 600 * SECOND
MAX_PATHS = 4096
#: No path carries less: Linux' net.ipv4.route.min_pmtu, and RFC 8201, section 4.
MIN_V4, MIN_V6 = 552, 1280

#: RFC 1191, 7.1: what to try when a router does not say which MTU it has.
PLATEAUS = (68, 296, 508, 1006, 1492, 2002, 4352, 8166, 17914, 32000, 65535)


def plateau_below(size: int) -> int:
    """The next smaller plateau than a datagram of ``size`` bytes, which was too big."""
    return PLATEAUS[max(bisect_left(PLATEAUS, size) - 1, 0)]


class PathMtus:
    """Destinations with a smaller MTU than the first link's, each for a while."""

    __slots__ = ("_deadlines", "_mtus", "version")

    def __init__(self) -> None:
        self._mtus: dict[bytes, int] = {}
        self._deadlines: Deadlines[bytes] = Deadlines()
        #: Another number after every change.
        self.version = 0

    def __len__(self) -> int:
        return len(self._mtus)

    def get(self, destination: bytes, default: int) -> int:
        """The smaller of what is known and ``default``, the MTU of the first link."""
        known = self._mtus.get(destination)
        return default if known is None or known > default else known

    def too_big(
        self, now: int, destination: bytes, mtu: int, size: int, current: int
    ) -> int | None:
        """A router carries ``mtu`` at most, and a datagram of ``size`` bytes was too big for it.

        The new path MTU, or None if that tells nothing new. An MTU is never raised so (RFC 1191,
        section 3; RFC 8201, section 4), nor lowered below what every path carries.
        """
        if len(destination) == 4:
            mtu = max(mtu or plateau_below(size), MIN_V4)
        elif mtu < MIN_V6:
            return None
        if mtu >= current:
            return None
        if destination not in self._mtus and len(self._mtus) >= MAX_PATHS:
            oldest = next(iter(self._mtus))
            del self._mtus[oldest]
            self._deadlines.cancel(oldest)
        self.version += 1
        self._mtus[destination] = mtu
        self._deadlines.set(destination, now + LIFETIME)
        return mtu

    def next_timeout(self) -> int | None:
        return self._deadlines.next()

    def handle_timeout(self, now: int) -> list[bytes]:
        """The destinations whose paths may carry more by now."""
        expired = list(self._deadlines.expired(now))
        self.version += len(expired)
        for destination in expired:
            del self._mtus[destination]
        return expired
