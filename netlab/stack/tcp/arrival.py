"""SEGMENT ARRIVES in all states but CLOSED, LISTEN and SYN_SENT (RFC 9293, 3.10.7.4)."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from netlab.stack.tcp import acknowledgment, arming, segments, urgent
from netlab.stack.tcp.acceptance import is_acceptable, is_older, passes_paws
from netlab.stack.tcp.segment import ACK, CWR, FIN, RST, SYN, URG, Segment
from netlab.stack.tcp.states import Input
from netlab.wire.states import State

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection

#: Flags that few segments have.
_UNUSUAL = RST | SYN


def arrives(c: Connection, now: int, segment: Segment) -> None:
    """Each step says whether the next one is to be taken."""
    if segment.payload and c.acks.due and c.acks.owes_each:
        # The segment before came in the same moment, and has an ACK of its own as in Linux.
        c.owner.post(segments.acknowledgment(c, now))
    if (
        _check_timestamps(c, now, segment)
        and _check_sequence(c, now, segment)
        and (not segment.flags & _UNUSUAL or _check_reset_and_syn(c, now, segment))
        and acknowledgment.check(c, now, segment)
    ):
        process_contents(c, now, segment)


def process_contents(c: Connection, now: int, segment: Segment) -> None:
    """Sixth to eighth: URG, text and FIN."""
    if c.cb.ecn:
        _notice_congestion(c, segment)
    if segment.flags & URG and c.may_receive:
        urgent.announced(c, segment)
    if segment.flags & FIN and c.peer_fin is None:
        c.peer_fin = segment.end - 1
    if segment.payload and c.may_receive:
        if c.urgent.is_awaited:
            urgent.arrived(c, segment)
        _take_text(c, now, segment)
    if c.peer_fin == c.cb.rcv_nxt and c.state is not State.CLOSED:
        _take_fin(c, now)


def keep_text(c: Connection, segment: Segment) -> None:
    """Text of a SYN waits until the connection is established (RFC 9293, 3.10.7.2)."""
    segment.trim(c.cb.rcv_nxt, c.cb.rcv_adv)
    if segment.payload:
        c.receiving.take(segment.start, segment.payload)
        c.cb.rcv_nxt = c.receiving.next


def _check_timestamps(c: Connection, now: int, segment: Segment) -> bool:
    """RFC 7323, 5.3: R1, before all else; resets are not subject to it."""
    cb = c.cb
    if not cb.timestamps or segment.flags & RST:
        return True
    if segment.timestamps is None:
        return not c.profile.expects_timestamps
    age, window = now - cb.ts_recent_at, c.profile.paws_window
    if passes_paws(segment.timestamps.value, cb.ts_recent, age, window):
        return True
    _answer_unacceptable(c, now, segment)
    return False


def _check_sequence(c: Connection, now: int, segment: Segment) -> bool:
    cb = c.cb
    if _repeats_syn(c, segment):
        if not segment.flags & ACK:
            c.syn_due = True
            return False
        # A simultaneous open: the SYN is known already, its ACK is not (figure 7).
        segment.trim(cb.rcv_nxt, cb.rcv_adv)
    window = cb.rcv_wnd
    if is_acceptable(segment.sequence, segment.length, cb.rcv_nxt, window):
        _keep_timestamp(c, now, segment)
        if segment.payload and segment.sequence < cb.rcv_nxt:
            c.receiving.notice_old(segment.sequence, cb.rcv_nxt)
        segment.trim(cb.rcv_nxt, cb.rcv_nxt + window)
        return True
    if segment.flags & RST:
        return False
    if segment.sequence == cb.rcv_nxt and not window:
        # The window is closed: what the segment acknowledges and points to still counts.
        segment.payload = b""
        segment.flags &= ~FIN
        c.acks.demand()
        return True
    _answer_unacceptable(c, now, segment)
    return False


def _repeats_syn(c: Connection, segment: Segment) -> bool:
    is_syn = segment.flags & (SYN | RST) == SYN
    return c.state is State.SYN_RCVD and bool(is_syn) and segment.sequence == c.cb.irs


def _answer_unacceptable(c: Connection, now: int, segment: Segment) -> None:
    """An ACK; one that occupies no number is answered rarely, so that ACKs make no war."""
    if segment.length and segment.end <= c.cb.rcv_nxt:
        c.receiving.notice_old(segment.sequence, segment.end)
        if c.state is State.TIME_WAIT and segment.flags & FIN:
            arming.wait_2msl(c, now)
    if segment.length or c.challenges.allows(now):
        c.acks.demand()


def _keep_timestamp(c: Connection, now: int, segment: Segment) -> None:
    """RFC 7323, 4.3: the timestamp of the segment that the last ACK left as next."""
    cb, stamp = c.cb, segment.timestamps
    if (
        cb.timestamps
        and stamp is not None
        and segment.sequence <= cb.last_ack_sent
        and not is_older(stamp.value, cb.ts_recent)
    ):
        cb.ts_recent, cb.ts_recent_at = stamp.value, now


def _check_reset_and_syn(c: Connection, now: int, segment: Segment) -> bool:
    return _check_reset(c, now, segment) and _check_syn(c, now, segment)


def _check_reset(c: Connection, now: int, segment: Segment) -> bool:
    """RFC 5961, 3.2: only the exact number resets; others within the window are asked about."""
    if not segment.flags & RST:
        return True
    if segment.sequence != c.cb.rcv_nxt:
        c.challenge(now)
    elif c.state is State.SYN_RCVD:
        c.finish(now, errno.ECONNREFUSED, Input.RST)
    elif c.state in {State.CLOSING, State.LAST_ACK, State.TIME_WAIT}:
        c.finish(now, 0, Input.RST)
    elif c.state is State.CLOSE_WAIT:
        # As Linux has it: of one who had said its last nothing is missing but a reader.
        c.finish(now, errno.EPIPE, Input.RST)
    else:
        c.finish(now, errno.ECONNRESET, Input.RST)
    return False


def _check_syn(c: Connection, now: int, segment: Segment) -> bool:
    if not segment.flags & SYN:
        return True
    if c.state is State.SYN_RCVD and c.listener is not None:
        c.finish(now, errno.ECONNRESET, Input.RST)
    else:
        c.challenge(now)  # RFC 5961, 4.2
    return False


def _notice_congestion(c: Connection, segment: Segment) -> None:
    """RFC 3168, 6.1.3: echo until the sender says that it slowed down."""
    if segment.flags & CWR:
        c.ecn_echo = False
    if segment.congestion_experienced:
        c.ecn_echo = True


def _take_text(c: Connection, now: int, segment: Segment) -> None:
    if c.detached:
        # RFC 9293, 3.6.1 (SHLD-3): nobody will read it, and the peer is to know.
        c.owner.post(segments.reset(c, now, segment.acknowledgment))
        c.finish(now, 0, Input.TEXT_AFTER_CLOSE)
        return
    cb, receiving = c.cb, c.receiving
    had_holes = receiving.has_holes
    readable = receiving.take(segment.start, segment.payload)
    cb.rcv_nxt += readable
    is_in_order = readable and not had_holes and receiving.duplicate is None
    if is_in_order:
        _acknowledge(c, now, len(segment.payload))
    elif c.peer_fin == cb.rcv_nxt:
        c.acks.demand()
    else:
        # RFC 5681, 4.2: each segment out of order, and what fills a hole, is answered at once.
        c.owner.post(segments.acknowledgment(c, now))
    if readable:
        c.owner.readable(c)


def _take_fin(c: Connection, now: int) -> None:
    c.cb.rcv_nxt += 1
    if c.profile.ack_of_fin_waits and c.state is State.ESTABLISHED:
        _acknowledge(c, now, 1)
    else:
        c.acks.demand()
    c.move(now, Input.FIN)
    c.owner.readable(c)


def _acknowledge(c: Connection, now: int, size: int) -> None:
    """So many numbers arrived in order."""
    if c.peer_fin is not None and c.profile.ack_of_fin_waits:
        c.acks.await_answer()
    deadline = c.acks.arrived(now, size, c.mss)
    if deadline is not None:
        arming.delay_ack(c, deadline)
