"""How often one connection answers what it does not accept (RFC 5961, 7)."""

from __future__ import annotations


class ChallengeLimit:
    """One ACK in ``interval`` (ns).

    It is counted for each connection: a count that all share tells strangers what a connection
    does (CVE-2016-5696). It also ends a war of ACKs between two ends that disagree.
    """

    __slots__ = ("_interval", "_next")

    def __init__(self, interval: int) -> None:
        self._interval = interval
        self._next: int | None = None

    def allows(self, now: int) -> bool:
        if self._next is not None and now < self._next:
            return False
        self._next = now + self._interval
        return True
