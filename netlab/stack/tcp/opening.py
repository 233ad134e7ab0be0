"""How connections begin (RFC 9293, 3.10.7.2 and 3.10.7.3; RFC 7323; RFC 3168, 6.1.1)."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from netlab.stack.events import Connected
from netlab.stack.tcp import acknowledgment, arrival, segments
from netlab.stack.tcp.options import LEAST_MSS, Offer
from netlab.stack.tcp.outgoing import Outgoing
from netlab.stack.tcp.profile import SynOption
from netlab.stack.tcp.receive_buffer import ReceiveBuffer
from netlab.stack.tcp.segment import ACK, CWR, ECE, RST, SYN, Segment
from netlab.stack.tcp.states import Input
from netlab.wire.states import State

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection


def arrives_in_listen(c: Connection, now: int, segment: Segment) -> None:
    """A SYN made this connection; text that came with it is kept."""
    _take_syn(c, now, segment)
    offers_ecn = segment.flags & (ECE | CWR) == ECE | CWR
    c.cb.ecn = offers_ecn and (c.profile.accepts_ecn if c.settings.ecn is None else c.settings.ecn)
    c.move(now, Input.SYN)
    arrival.keep_text(c, segment)


def arrives_in_syn_sent(c: Connection, now: int, segment: Segment) -> None:
    """RFC 9293, 3.10.7.3, first to fifth."""
    cb = c.cb
    has_ack = segment.flags & ACK
    if has_ack and not cb.iss < segment.acknowledgment <= cb.snd_nxt:
        if not segment.flags & RST:
            c.owner.post(segments.reset(c, now, segment.acknowledgment))
        return
    if segment.flags & RST:
        if has_ack:
            c.finish(now, errno.ECONNREFUSED, Input.RST)
        return
    if not segment.flags & SYN:
        return
    _take_syn(c, now, segment)
    if not has_ack:
        c.move(now, Input.SYN)
        return
    cb.ecn = segments.offers_ecn(c) and segment.flags & (ECE | CWR) == ECE
    cb.snd_una = segment.acknowledgment
    c.recovery.acknowledged(now, cb.snd_una, echoed_ns=acknowledgment.echo_time(c, now, segment))
    c.acks.demand()
    c.move(now, Input.SYN_ACK)
    c.begin(now)
    c.owner.tell(Connected(c))
    arrival.process_contents(c, now, segment)


def adopt(c: Connection, now: int, offer: Offer, segment: Segment) -> None:
    """Take over what a SYN negotiated, whose numbers ``segment`` tells."""
    cb = c.cb
    cb.irs = segment.sequence
    cb.rcv_nxt = cb.rcv_up = cb.last_ack_sent = cb.irs + 1
    c.receiving = ReceiveBuffer(cb.rcv_nxt, c.receiving.capacity)
    cb.snd_wnd = cb.max_snd_wnd = segment.window
    cb.snd_wl1, cb.snd_wl2 = segment.sequence, segment.acknowledgment
    if offer.mss is not None:
        cb.offered_mss = max(offer.mss, LEAST_MSS)
    if offer.shift is not None and c.has(SynOption.WINDOW_SCALE):
        cb.scaling = True
        cb.snd_shift, cb.rcv_shift = offer.shift, c.window_shift
    cb.sack = offer.sack and c.has(SynOption.SACK_PERMITTED)
    if offer.timestamps is not None and c.has(SynOption.TIMESTAMPS):
        cb.timestamps = True
        cb.ts_recent, cb.ts_recent_at = offer.timestamps.value, now
    c.path.begins(now, c.options_length)
    cb.mss = min(cb.offered_mss, c.path.size())
    cb.rcv_adv = cb.rcv_nxt + segments.first_window(c)


def _take_syn(c: Connection, now: int, segment: Segment) -> None:
    c.heard_at = now
    adopt(c, now, Offer.of(segment.header), segment)


def reply_without_memory(c: Connection, now: int, segment: Segment) -> Outgoing:
    """The SYN,ACK of a connection that is forgotten at once (RFC 4987, 3.6)."""
    _take_syn(c, now, segment)
    c.state = State.SYN_RCVD
    return segments.syn(c, now)


def begins_established(c: Connection, now: int) -> None:
    """The ACK of a cookie came: all that the SYN,ACK would have left behind is set."""
    cb = c.cb
    cb.snd_nxt = cb.snd_una = cb.iss + 1
    c.recovery.sent(now, cb.iss, cb.snd_una)
    c.recovery.acknowledged(now, cb.snd_una)
    c.move(now, Input.COOKIE)
    c.begin(now)
    if c.listener is not None:
        c.listener.established(c)
