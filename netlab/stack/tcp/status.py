"""STATUS: the variables of a connection by the names of the RFC (RFC 9293, 3.9.1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection


def variables(c: Connection) -> Mapping[str, int]:
    """Numbers are unwrapped, sizes bytes, times ns."""
    cb, recovery = c.cb, c.recovery
    return {
        "ISS": cb.iss,
        "SND.UNA": cb.snd_una,
        "SND.NXT": cb.snd_nxt,
        "SND.WND": cb.snd_wnd,
        "SND.UP": cb.snd_up,
        "SND.WL1": cb.snd_wl1,
        "SND.WL2": cb.snd_wl2,
        "IRS": cb.irs,
        "RCV.NXT": cb.rcv_nxt,
        "RCV.WND": cb.rcv_wnd,
        "RCV.UP": cb.rcv_up,
        "MSS": cb.mss,
        "cwnd": recovery.cwnd,
        "ssthresh": recovery.ssthresh,
        "srtt": recovery.srtt or 0,
        "rttvar": recovery.rttvar,
        "rto": recovery.rto,
        "in_flight": recovery.in_flight,
        "backoffs": recovery.backoffs,
    }
