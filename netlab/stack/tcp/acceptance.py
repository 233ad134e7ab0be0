"""Which segments are new: numbers and timestamps (RFC 9293, 3.4 and 3.10.7.4; RFC 7323, 5)."""

from __future__ import annotations

from netlab.stack.tcp.sequence import wrap

#: RFC 7323, 5.5: a timestamp heard so long ago may have wrapped, and tells nothing.
_TIMESTAMP_LIFETIME = 24 * 24 * 3600 * 1_000_000_000
_HALF = 1 << 31


def is_acceptable(sequence: int, length: int, rcv_nxt: int, rcv_wnd: int) -> bool:
    """The four cases of table 6 of RFC 9293, for SEG.SEQ and SEG.LEN."""
    if rcv_wnd == 0:
        return length == 0 and sequence == rcv_nxt
    begins_within = rcv_nxt <= sequence < rcv_nxt + rcv_wnd
    if length == 0 or begins_within:
        return begins_within
    return rcv_nxt <= sequence + length - 1 < rcv_nxt + rcv_wnd


def is_older(value: int, than: int) -> bool:
    """Whether one timestamp was set before another (RFC 7323, 5.2)."""
    return wrap(value - than) >= _HALF


def passes_paws(value: int, recent: int, age: int, window: int = 0) -> bool:
    """Protection against wrapped sequence numbers; ``age`` (ns) is how old ``recent`` is.

    ``window`` is by how many ticks a segment may be older.
    """
    return not is_older(value, recent - window) or age > _TIMESTAMP_LIFETIME
