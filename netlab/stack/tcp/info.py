"""What Linux' TCP_INFO tells of a connection, told by ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlab.stack.tcp.recovery.congestion.window import UNLIMITED
from netlab.wire.tcp_info import TcpInfo

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection

_MICROSECOND = 1_000


def info(c: Connection) -> TcpInfo:
    recovery = c.recovery
    mss = recovery.mss
    return TcpInfo(
        ca_state=recovery.phase.name.lower(),
        retransmits=recovery.retransmits,
        rto=recovery.rto // _MICROSECOND,
        mss=mss,
        unacked=recovery.segments(recovery.outstanding),
        sacked=recovery.segments(recovery.sacked),
        lost=recovery.segments(recovery.lost),
        retrans=recovery.segments(recovery.in_flight_again),
        srtt=None if recovery.srtt is None else recovery.srtt // _MICROSECOND,
        rttvar=recovery.rttvar // _MICROSECOND,
        ssthresh=None if recovery.ssthresh >= UNLIMITED else recovery.ssthresh // mss,
        cwnd=max(recovery.cwnd // mss, 1),
        total_retrans=recovery.retransmissions,
    )
