"""The fifth step of SEGMENT ARRIVES: the ACK field (RFC 9293, 3.10.7.4; RFC 5961, 5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlab.stack.events import Connected, Writable
from netlab.stack.tcp import arming, segments
from netlab.stack.tcp.segment import ACK, ECE, FIN, Segment
from netlab.stack.tcp.states import Input
from netlab.wire.states import State

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection


def check(c: Connection, now: int, segment: Segment) -> bool:
    """Whether the rest of the segment is to be processed."""
    if not segment.flags & ACK:
        return False
    cb, number = c.cb, segment.acknowledgment
    if c.state is State.SYN_RCVD:
        if not cb.snd_una < number <= cb.snd_nxt:
            c.owner.post(segments.reset(c, now, number))
            return False
        if c.listener is not None and not c.listener.has_room():
            return False
    if number > cb.snd_nxt or number < cb.snd_una - cb.max_snd_wnd:
        c.challenge(now)
        return False
    if number >= cb.snd_una:
        _take(c, now, segment)
    return c.state is not State.CLOSED


def _take(c: Connection, now: int, segment: Segment) -> None:
    cb, number = c.cb, segment.acknowledgment
    newly, in_flight = number - cb.snd_una, cb.snd_nxt > cb.snd_una
    knew_syn = cb.syn_acknowledged
    is_duplicate = (  # RFC 5681, 2
        in_flight
        and not newly
        and not segment.payload
        and not segment.flags & FIN
        and segment.window == cb.snd_wnd
    )
    cb.update_window(segment.sequence, number, segment.window)
    if in_flight or segment.blocks:
        _tell_recovery(c, now, segment, is_duplicate=is_duplicate)
    arming.heard(c, now)
    if newly or not cb.snd_wnd:
        # A peer that keeps its window closed lives, and may do so for ever (MUST-37).
        c.output.timeouts = 0
    if not newly:
        return
    c.output.corked = False  # Linux, too, holds a segment no longer than until the next ACK
    arming.restart_user_timeout(c, now)
    if not knew_syn:
        _establish(c, now)
    if cb.fin_acknowledged:
        _finish_sending(c, now)
    elif c.take_waiting_writer():
        c.owner.tell(Writable(c))


def _tell_recovery(c: Connection, now: int, segment: Segment, *, is_duplicate: bool) -> None:
    cb, number = c.cb, segment.acknowledgment
    newly, cb.snd_una = number > cb.snd_una, number
    c.sending.acknowledge(number)
    c.output.acknowledged(number)
    c.path.probe_arrived(now, number)
    c.recovery.acknowledged(
        now,
        number,
        segment.blocks if cb.sack else (),
        echoed_ns=echo_time(c, now, segment) if newly else None,
        ece=cb.ecn and bool(segment.flags & ECE),
        is_duplicate=is_duplicate,
        more=c.sending.end > cb.snd_nxt and cb.usable_window > 0,
    )


def echo_time(c: Connection, now: int, segment: Segment) -> int | None:
    """When the segment left whose timestamp is echoed (RFC 7323, 4)."""
    if not c.cb.timestamps or segment.timestamps is None:
        return None
    return c.clock.time_of(segment.timestamps.echo_reply, now)


def _establish(c: Connection, now: int) -> None:
    """Our SYN is acknowledged; the user may have closed before that."""
    c.move(now, Input.ACK_OF_SYN)
    c.begin(now)
    if c.listener is not None:
        c.listener.established(c)
    else:
        c.owner.tell(Connected(c))


def _finish_sending(c: Connection, now: int) -> None:
    if c.state is State.LAST_ACK:
        c.finish(now, 0, Input.ACK_OF_FIN)
        return
    c.move(now, Input.ACK_OF_FIN)
    if c.state is State.FIN_WAIT_2 and c.detached:
        arming.limit_fin_wait_2(c, now)
