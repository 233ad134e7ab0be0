"""What happens when time is up (RFC 9293, 3.10.8 and 3.8)."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from netlab.stack.tcp import arming, segments
from netlab.stack.tcp.profile import WindowProbe
from netlab.stack.tcp.recovery.progress import Expired, Timeout
from netlab.stack.tcp.states import Input
from netlab.stack.tcp.timers import Timer
from netlab.wire.states import State

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection
    from netlab.stack.tcp.settings import Keepalive


def handle(c: Connection, now: int) -> None:
    for timer in c.timers.expired(now):
        if c.state is not State.CLOSED:
            _HANDLERS[timer](c, now)
    if c.state is not State.CLOSED and (timeout := c.recovery.handle_timeout(now)):
        _recover(c, now, timeout)


def _delayed_ack(c: Connection, _now: int) -> None:
    c.acks.demand()


def _persist(c: Connection, now: int) -> None:
    """Ask a closed window. It may stay closed for ever (MUST-37), if the peer answers."""
    if c.cb.usable_window > 0:
        return
    if c.probes > c.profile.retries:
        _give_up(c, now)
        return
    c.probes += 1
    c.output.probed += 1
    if c.cb.snd_up > c.cb.snd_una:
        # RFC 9293, 3.8.5: urgency is told however closed the window is.
        c.owner.post(segments.acknowledgment(c, now))
    if c.profile.window_probe is WindowProbe.OLD_NUMBER or c.sending.end <= c.cb.snd_nxt:
        c.owner.post(segments.probe(c, now))
        arming.persist(c, now)
    else:
        # Once it is on its way, the retransmission timer goes on asking.
        c.output.force = True


def _override(c: Connection, _now: int) -> None:
    c.output.force = c.sending.end > c.cb.snd_nxt
    c.output.corked = False


def _keepalive(c: Connection, now: int) -> None:
    """RFC 9293, 3.8.4; data that is on its way asks the peer by itself."""
    wish = c.settings.keepalive
    if wish is None:
        return
    if c.cb.snd_una < c.cb.snd_nxt:
        arming.keepalive(c, now)
        return
    if _is_dead(c, now, wish):
        c.owner.post(segments.reset(c, now))
        _give_up(c, now)
        return
    c.probes += 1
    c.owner.post(segments.probe(c, now))
    arming.keepalive(c, now)


def _is_dead(c: Connection, now: int, wish: Keepalive) -> bool:
    """A user timeout takes the place of the count, as in tcp(7)."""
    if c.settings.user_timeout is not None:
        return c.probes > 0 and now - c.heard_at >= c.settings.user_timeout
    return c.probes >= (wish.count if wish.count is not None else c.profile.keepalive_count)


def _user_timeout(c: Connection, now: int) -> None:
    _give_up(c, now)


def _time_wait(c: Connection, now: int) -> None:
    c.end_wait(now)


def _quiet_is_over(_c: Connection, _now: int) -> None:
    """The SYN leaves with whatever else is due."""


def _recover(c: Connection, now: int, timeout: Timeout) -> None:
    if timeout.expired is Expired.PROBE:
        c.output.probe_due, c.output.probe_again = True, timeout.again
        return
    if timeout.expired is Expired.RTO:
        if not c.output.timeouts:
            c.output.timed_out_at = now
        c.output.timeouts += 1
        arming.late_user_timeout(c, now)
        if _is_in_vain(c, now):
            _give_up(c, now)
        elif c.output.timeouts > c.profile.doubts and c.cb.syn_acknowledged:
            c.path.vanished(now, c.options_length)


def _give_up(c: Connection, now: int) -> None:
    """The user hears what the path said last, if it said anything (RFC 1122, 4.2.3.9)."""
    c.finish(now, c.soft_error or errno.ETIMEDOUT, Input.TIMEOUT)


def _is_in_vain(c: Connection, now: int) -> bool:
    """R2 of RFC 9293, 3.8.3."""
    profile, timeouts = c.profile, c.output.timeouts
    if c.state is State.SYN_SENT:
        return timeouts > profile.syn_retries
    if c.state is State.SYN_RCVD:
        return timeouts > profile.syn_ack_retries
    if not profile.retries_are_time:
        return timeouts > profile.retries
    spent = now - c.output.timed_out_at
    return timeouts > 1 and spent >= profile.recovery.time_of(profile.retries)


_HANDLERS = {
    Timer.DELAYED_ACK: _delayed_ack,
    Timer.PERSIST: _persist,
    Timer.OVERRIDE: _override,
    Timer.KEEPALIVE: _keepalive,
    Timer.USER_TIMEOUT: _user_timeout,
    Timer.TIME_WAIT: _time_wait,
    Timer.QUIET: _quiet_is_over,
}
