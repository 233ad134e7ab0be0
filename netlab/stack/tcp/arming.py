"""When the timers of a connection are set and stopped (RFC 9293, 3.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlab.stack.tcp.states import SYNCHRONIZED
from netlab.stack.tcp.timers import Timer
from netlab.stack.units import MILLISECOND
from netlab.wire.states import State

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection

#: RFC 9293, 3.8.6.2.1: between 0.1 and 1 s.
_OVERRIDE = 200_000_000


def delay_ack(c: Connection, deadline: int) -> None:
    c.timers.set_unless_running(Timer.DELAYED_ACK, deadline)


def wait_2msl(c: Connection, now: int) -> None:
    """TIME_WAIT begins, or begins again: all other timers are off."""
    c.timers.stop_all()
    c.timers.set(Timer.TIME_WAIT, now + c.profile.time_wait)


def limit_fin_wait_2(c: Connection, now: int) -> None:
    """Nobody holds the connection, and its peer may never close."""
    c.timers.set(Timer.TIME_WAIT, now + c.profile.fin_wait_2)


def persist(c: Connection, now: int) -> None:
    """RFC 9293, 3.8.6.1: after the RTO, then with exponential back-off."""
    wait = min(c.recovery.rto << min(c.output.probed, 16), c.profile.recovery.max_rto)
    c.timers.set_unless_running(Timer.PERSIST, now + wait)


def window_opened(c: Connection) -> None:
    c.timers.stop(Timer.PERSIST)
    c.output.probed = 0


def override(c: Connection, now: int) -> None:
    c.timers.set_unless_running(Timer.OVERRIDE, now + _OVERRIDE)


def user_timeout(c: Connection, now: int) -> None:
    """Something left for the first time."""
    if c.settings.user_timeout is not None and not c.profile.late_user_timeout:
        c.timers.set_unless_running(Timer.USER_TIMEOUT, now + c.settings.user_timeout)


def late_user_timeout(c: Connection, now: int) -> None:
    """Something is sent again; a SYN has its time since it was sent first."""
    if c.settings.user_timeout is None or not c.profile.late_user_timeout:
        return
    spent = 0 if c.cb.syn_acknowledged else c.profile.recovery.initial_rto
    left = max(c.settings.user_timeout - spent, MILLISECOND)
    c.timers.set_unless_running(Timer.USER_TIMEOUT, now + left)


def restart_user_timeout(c: Connection, now: int) -> None:
    """Something was acknowledged; what else is on its way has its whole time."""
    c.timers.stop(Timer.USER_TIMEOUT)
    if c.cb.snd_una < c.cb.snd_nxt:
        user_timeout(c, now)


def keepalive(c: Connection, now: int) -> None:
    wish = c.settings.keepalive
    if wish is None or c.state not in SYNCHRONIZED or c.state is State.TIME_WAIT:
        return
    idle = wish.idle if wish.idle is not None else c.profile.keepalive_idle
    interval = wish.interval if wish.interval is not None else c.profile.keepalive_interval
    c.timers.set(Timer.KEEPALIVE, now + (interval if c.probes else idle))


def heard(c: Connection, now: int) -> None:
    """The peer lives (RFC 9293, 3.8.4)."""
    c.heard_at = now
    c.probes = 0
    if c.settings.keepalive is not None:
        keepalive(c, now)
