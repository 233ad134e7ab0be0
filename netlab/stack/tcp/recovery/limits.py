from __future__ import annotations

from dataclasses import dataclass

MILLISECOND = 1_000_000
SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What systems choose differently in loss recovery; times in nanoseconds.

    The defaults are those of Linux.
    """

    initial_rto: int = SECOND
    min_rto: int = 200 * MILLISECOND
    max_rto: int = 120 * SECOND
    #: G of RFC 6298, 2.3: the least that four times RTTVAR counts for.
    granularity: int = 200 * MILLISECOND
    #: Segments of the initial window (RFC 6928, 2).
    initial_window: int = 10
    #: The longest that the peer is expected to hold back an ACK (RFC 8985, 7.2).
    max_ack_delay: int = 200 * MILLISECOND
    #: Added to the short timers of RACK-TLP: what a host needs to be woken and to answer.
    timer_slack: int = 2 * MILLISECOND
    #: The tick of the timestamps that are echoed.
    timestamp_tick: int = MILLISECOND
    #: Whether losses are found by time and probes (RFC 8985), or by counting (RFC 6675).
    by_time: bool = True
    #: Whether a probe asks for the last segments' fate (RFC 8985, 7), where ``by_time``.
    loss_probes: bool = True

    def time_of(self, retries: int) -> int:
        """What so many retransmissions, and the wait behind the last, take at the least RTO."""
        return sum(min(self.min_rto << each, self.max_rto) for each in range(retries + 1))
