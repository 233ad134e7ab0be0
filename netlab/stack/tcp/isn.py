"""Initial sequence numbers (RFC 6528)."""

from __future__ import annotations

import random
from hashlib import blake2s

from netlab.stack.tcp.pair import Pair
from netlab.stack.tcp.sequence import wrap

#: RFC 9293, 3.4.1: the clock counts once in 4 microseconds.
_TICK = 4_000


class InitialNumbers:
    """ISN = M + F(local, remote, secret): M is a clock, and F differs from pair to pair."""

    __slots__ = ("_secret",)

    def __init__(self, source: random.Random) -> None:
        self._secret = source.randbytes(16)

    def choose(self, now: int, pair: Pair) -> int:
        return wrap(now // _TICK + self._offset(b"isn", pair))

    def timestamp_offset(self, pair: Pair) -> int:
        """Where the timestamps of a connection begin (RFC 7323, 5.4)."""
        return self._offset(b"timestamp", pair)

    def _offset(self, purpose: bytes, pair: Pair) -> int:
        digest = blake2s(pair.packed(), digest_size=4, key=self._secret, person=purpose[:8])
        return int.from_bytes(digest.digest(), "big")
