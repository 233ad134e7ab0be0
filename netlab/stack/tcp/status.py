"""STATUS: the variables of a connection by the names of the RFC (RFC 9293, 3.9.1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from netlab.stack.tcp.timers import Timer
from netlab.wire.states import State

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection


def variables(c: Connection, now: int) -> Mapping[str, int | None]:
    """Numbers are unwrapped, sizes bytes, times ns.

    Of a timer it is the time left, less than 0 when it is due, None when it is off.
    """
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
        **_timers(c, now),
    }


def _timers(c: Connection, now: int) -> Mapping[str, int | None]:
    own = c.recovery.timers
    deadlines = {
        "timer.retransmission": own.rto,
        "timer.loss_probe": own.probe,
        "timer.reordering": own.reordering,
        **{f"timer.{timer.name.lower()}": c.timers[timer] for timer in Timer},
    }
    if c.state is State.CLOSED:
        return dict.fromkeys(deadlines)
    return {name: None if at is None else at - now for name, at in deadlines.items()}
