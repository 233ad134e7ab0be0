"""SYN cookies: a SYN,ACK that needs no memory (RFC 4987, 3.6)."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass
from hashlib import blake2s

from netlab.stack.tcp.options import Offer
from netlab.stack.tcp.pair import Pair
from netlab.stack.tcp.sequence import wrap
from netlab.wire.tcp_options import Timestamps

#: A cookie is of use for two of these (ns).
_PERIOD = 64 * 1_000_000_000
COOKIE_LIFETIME = 2 * _PERIOD
#: The MSS that three bits can tell; the peer's is rounded down to one of them.
_SIZES = (216, 536, 1220, 1300, 1440, 1460, 4312, 8960)
#: What the low bits of our timestamp tell, where the peer echoes one.
_SHIFT_BITS = 0x0F
_NO_SHIFT = 0x0F
_SACK_BIT = 0x10
_OPTION_BITS = 0x1F


@dataclass(frozen=True, slots=True)
class SynCookies:
    """24 bits of a keyed hash, 5 bits of time and 3 of the MSS are the sequence number."""

    secret: bytes

    @staticmethod
    def seeded(source: random.Random) -> SynCookies:
        return SynCookies(source.randbytes(16))

    def make(self, now: int, pair: Pair, irs: int, offer: Offer) -> int:
        """The ISS that tells all that must be known when the peer's ACK comes."""
        size = max(0, bisect_right(_SIZES, offer.mss or 0) - 1)
        return self._cookie(now // _PERIOD, pair, irs, size)

    def check(self, now: int, pair: Pair, irs: int, cookie: int) -> int | None:
        """The MSS that an ACK's cookie tells, or None if we did not make it lately."""
        size = cookie >> 24 & 7
        for period in (now // _PERIOD, now // _PERIOD - 1):
            if self._cookie(period, pair, irs, size) == wrap(cookie):
                return _SIZES[size]
        return None

    def _cookie(self, period: int, pair: Pair, irs: int, size: int) -> int:
        text = b"".join(
            (pair.packed(), wrap(irs).to_bytes(4, "big"), wrap(period).to_bytes(4, "big"))
        )
        digest = blake2s(text + bytes((size,)), digest_size=3, key=self.secret, person=b"cookie")
        return (period & 31) << 27 | size << 24 | int.from_bytes(digest.digest(), "big")


def mark(value: int, offer: Offer) -> int:
    """Our timestamp with the peer's window scale and SACK in its low bits.

    It is not later than ``value``: what is sent next would look older (RFC 7323, 5).
    """
    shift = _NO_SHIFT if offer.shift is None else offer.shift
    marked = value & ~_OPTION_BITS | shift | (_SACK_BIT if offer.sack else 0)
    return marked if marked <= value else marked - _OPTION_BITS - 1


def read(mss: int, stamp: Timestamps | None) -> Offer:
    """What the peer's SYN offered, as the ACK tells it."""
    if stamp is None:
        return Offer(mss)
    shift = stamp.echo_reply & _SHIFT_BITS
    sack = bool(stamp.echo_reply & _SACK_BIT)
    return Offer(mss, None if shift == _NO_SHIFT else shift, sack, Timestamps(stamp.value, 0))
