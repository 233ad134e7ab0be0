"""What the variables of a control block are called, and what their values are."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple


class Kind(Enum):
    INITIAL = auto()
    FROM_ISS = auto()  # a sequence number of this end
    FROM_IRS = auto()  # a sequence number of the peer
    SIZE = auto()  # bytes
    TIME = auto()  # ns
    COUNT = auto()
    TIMER = auto()  # ns until it expires, None when it is off


class Variable(NamedTuple):
    name: str
    kind: Kind

    @property
    def field(self) -> str:
        """Its name as that of an attribute."""
        return self.name.lower().replace(".", "_")


#: By the names of the RFCs: RFC 9293, 3.3.1 and 3.8; RFC 5681, 2; RFC 6298, 2; RFC 8985.
VARIABLES = {
    name: Variable(name, kind)
    for name, kind in (
        ("ISS", Kind.INITIAL),
        ("SND.UNA", Kind.FROM_ISS),
        ("SND.NXT", Kind.FROM_ISS),
        ("SND.WND", Kind.SIZE),
        ("SND.UP", Kind.FROM_ISS),
        ("SND.WL1", Kind.FROM_IRS),
        ("SND.WL2", Kind.FROM_ISS),
        ("IRS", Kind.INITIAL),
        ("RCV.NXT", Kind.FROM_IRS),
        ("RCV.WND", Kind.SIZE),
        ("RCV.UP", Kind.FROM_IRS),
        ("MSS", Kind.SIZE),
        ("cwnd", Kind.SIZE),
        ("ssthresh", Kind.SIZE),
        ("in_flight", Kind.SIZE),
        ("srtt", Kind.TIME),
        ("rttvar", Kind.TIME),
        ("rto", Kind.TIME),
        ("backoffs", Kind.COUNT),
        ("timer.retransmission", Kind.TIMER),
        ("timer.loss_probe", Kind.TIMER),
        ("timer.reordering", Kind.TIMER),
        ("timer.delayed_ack", Kind.TIMER),
        ("timer.persist", Kind.TIMER),
        ("timer.override", Kind.TIMER),
        ("timer.keepalive", Kind.TIMER),
        ("timer.user_timeout", Kind.TIMER),
        ("timer.time_wait", Kind.TIMER),
        ("timer.quiet", Kind.TIMER),
    )
}
