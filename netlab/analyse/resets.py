"""Why a RST was sent, where the packets prove it (RFC 9293 sections 3.5.1 to 3.5.3)."""

from __future__ import annotations

from netlab.analyse.segments import Segment
from netlab.analyse.side import Side
from netlab.wire.tcp import Flags

NO_PORT = "no such port"
REFUSED = "refused"
NO_CONNECTION = "no such connection"
HALF_OPEN = "half-open"
CLOSED = "already closed"
ABORTED = "aborted"


def reason(segment: Segment, side: Side, *, may_be_filtered: bool) -> str | None:
    """``side`` sent the RST ``segment``; a filter of its node may have done so in its name."""
    if segment.transit.sent is None:
        return None
    asked = side.unanswered
    if segment.acknowledgment is None:
        # An answer takes its number from what it answers (section 3.10.7.1).
        if may_be_filtered or asked is None or asked.acknowledgment != segment.sequence:
            return None
        return _unknown(asked, side)
    if side.has_sent:
        return ABORTED
    if asked is None or not asked.has(Flags.SYN) or segment.acknowledgment != asked.end:
        return None
    return REFUSED if may_be_filtered else NO_PORT


def _unknown(asked: Segment, side: Side) -> str:
    """The side has no connection that ``asked`` is of."""
    if side.gone is not None:
        return CLOSED if side.gone == ABORTED else side.gone
    if side.has_sent_fin:
        return CLOSED
    return HALF_OPEN if side.has_sent and not asked.has(Flags.SYN) else NO_CONNECTION
