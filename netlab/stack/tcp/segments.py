"""The segments that a connection makes (RFC 9293, 3.1; RFC 7323; RFC 2018; RFC 3168)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlab.stack.tcp.options import Offer, segment_options
from netlab.stack.tcp.outgoing import Outgoing
from netlab.stack.tcp.profile import SynOption, WindowUpdate
from netlab.stack.tcp.segment import ACK, CWR, ECE, FIN, PSH, RST, SYN, URG
from netlab.stack.tcp.sequence import wrap
from netlab.stack.tcp.timers import Timer
from netlab.wire.states import State
from netlab.wire.tcp import FLAGS, Tcp
from netlab.wire.tcp_options import Option, Timestamps

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection

#: ECT(0), RFC 3168, 5.
_CAPABLE = 2
_LARGEST = 0xFFFF


def syn(c: Connection, now: int) -> Outgoing:
    """The SYN, or the SYN,ACK once the peer's is here; for the first time or again."""
    cb = c.cb
    is_reply = c.state is not State.SYN_SENT
    flags = SYN | ACK if is_reply else SYN
    is_first = cb.snd_nxt == cb.iss
    if is_reply:
        flags |= ECE if cb.ecn else 0
        window = min(cb.rcv_adv - cb.rcv_nxt, _LARGEST)
        _acknowledged(c)
    else:
        # RFC 3168, 6.1.1.1: something on the way may drop what asks for ECN.
        flags |= ECE | CWR if is_first and offers_ecn(c) else 0
        window = first_window(c)
    c.syn_due = False
    cb.snd_nxt = max(cb.snd_nxt, cb.iss + 1)
    c.recovery.sent(now, cb.iss, cb.iss + 1)
    options = _offer(c, now, is_reply=is_reply).options(c.profile)
    return _outgoing(c, cb.iss, flags, window, options)


def acknowledgment(c: Connection, now: int) -> Outgoing:
    """<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, with what arrived out of order."""
    told = c.receiving.blocks()  # a duplicate is answered once, SACK or not
    blocks = told if c.cb.sack and c.state is not State.TIME_WAIT else ()
    window = _window(c)
    _acknowledged(c)
    options = segment_options(_timestamps(c, now), blocks)
    flags = ACK | _echo(c)
    urgent = _urgent_pointer(c, c.cb.snd_nxt)
    if urgent:
        flags |= URG
    return _outgoing(c, c.cb.snd_nxt, flags, window, options, urgent=urgent)


def probe(c: Connection, now: int) -> Outgoing:
    """A number that the peer has, so that it must answer (RFC 9293, 3.8.4)."""
    window = _window(c)
    _acknowledged(c)
    options = segment_options(_timestamps(c, now), ())
    return _outgoing(c, c.cb.snd_una - 1, ACK | _echo(c), window, options)


def data(c: Connection, now: int, start: int, end: int, mss: int, *, is_new: bool) -> Outgoing:
    """Text from ``start`` up to ``end``, with the FIN if it follows and may."""
    cb = c.cb
    flags = ACK | _echo(c)
    ends = end == c.sending.end
    if end > start and c.output.is_pushed(end):
        flags |= PSH
    if ends and cb.fin == end and (is_new or cb.snd_nxt > end):
        flags |= FIN
    urgent = _urgent_pointer(c, start)
    if urgent:
        flags |= URG
    if is_new and cb.ecn and c.recovery.cwr_due:
        flags |= CWR
    window = _window(c)
    _acknowledged(c)
    return _outgoing(
        c,
        start,
        flags,
        window,
        segment_options(_timestamps(c, now), ()),
        payload=c.sending.piece(start, end) if end > start else b"",
        mss=mss,
        urgent=urgent,
        ecn=_CAPABLE if cb.ecn and is_new and end > start else 0,
    )


def reset(c: Connection, now: int, sequence: int | None = None) -> Outgoing:
    """<SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>, or <SEQ=sequence><CTL=RST>."""
    if sequence is not None:
        return _outgoing(c, sequence, RST, 0, ())
    options = segment_options(_timestamps(c, now), ())
    return _outgoing(c, c.cb.snd_nxt, RST | ACK, 0, options)


def offers_ecn(c: Connection) -> bool:
    return c.profile.offers_ecn if c.settings.ecn is None else c.settings.ecn


def first_window(c: Connection) -> int:
    """What a SYN tells, which is never scaled."""
    room = min(c.receiving.room, _LARGEST)
    return _in_segments(c, room, c.path.told() if c.state is State.SYN_SENT else c.mss)


def window_update_is_due(c: Connection) -> bool:
    """Whether the user read so much that the peer should know (RFC 9293, 3.8.6.2.2)."""
    if _gain(c) < min(c.mss, c.receiving.capacity // 2):
        return False
    gained = _room(c) - c.cb.rcv_wnd
    if c.profile.window_update is WindowUpdate.DOUBLED:
        return gained >= c.cb.rcv_wnd
    return gained >= min(2 * c.mss, c.receiving.capacity // 2)


def _gain(c: Connection) -> int:
    """How far the right edge of the window could move."""
    return c.cb.rcv_nxt + c.receiving.room - c.cb.rcv_adv


def _room(c: Connection) -> int:
    """The window to be told; one in larger units is no multiple of the MSS anyway."""
    room = c.receiving.room
    return room if c.cb.rcv_shift else _in_segments(c, room, c.mss)


def _in_segments(c: Connection, window: int, mss: int) -> int:
    return window - window % mss or window if c.profile.window_in_segments else window


def _window(c: Connection) -> int:
    """The field; the right edge never moves left (SHLD-14), and right in no small steps."""
    cb = c.cb
    if _gain(c) >= min(c.mss, c.receiving.capacity // 2):
        size = min(_room(c) >> cb.rcv_shift, _LARGEST)
        cb.rcv_adv = max(cb.rcv_adv, cb.rcv_nxt + (size << cb.rcv_shift))
    unit = (1 << cb.rcv_shift) - 1
    field = min((cb.rcv_wnd + unit) >> cb.rcv_shift, _LARGEST)
    cb.rcv_adv = cb.rcv_nxt + (field << cb.rcv_shift)
    return field


def _acknowledged(c: Connection) -> None:
    c.acks.sent()
    c.timers.stop(Timer.DELAYED_ACK)
    c.cb.last_ack_sent = c.cb.rcv_nxt


def _urgent_pointer(c: Connection, sequence: int) -> int:
    """0 if nothing from there on is urgent."""
    return max(0, min(c.cb.snd_up - sequence, _LARGEST))


def _echo(c: Connection) -> int:
    return ECE if c.ecn_echo else 0


def _timestamps(c: Connection, now: int) -> Timestamps | None:
    if not c.cb.timestamps:
        return None
    return Timestamps(wrap(c.clock.value(now)), c.cb.ts_recent)


def _offer(c: Connection, now: int, *, is_reply: bool) -> Offer:
    """All that is wanted; a reply offers only what was offered (RFC 7323, 2.2)."""
    cb = c.cb
    scales = cb.scaling if is_reply else c.has(SynOption.WINDOW_SCALE)
    stamped = cb.timestamps if is_reply else c.has(SynOption.TIMESTAMPS)
    return Offer(
        mss=c.path.told(),
        shift=c.window_shift if scales else None,
        sack=cb.sack if is_reply else c.has(SynOption.SACK_PERMITTED),
        timestamps=Timestamps(wrap(c.clock.value(now)), cb.ts_recent) if stamped else None,
    )


def _outgoing(
    c: Connection,
    sequence: int,
    flags: int,
    window: int,
    options: Sequence[Option],
    *,
    payload: bytes | memoryview = b"",
    mss: int = 0,
    urgent: int = 0,
    ecn: int = 0,
) -> Outgoing:
    pair, settings = c.pair, c.settings
    header = Tcp(
        pair.local_port,
        pair.remote_port,
        wrap(sequence),
        wrap(c.cb.rcv_nxt) if flags & ACK else 0,
        FLAGS[flags],
        window,
        urgent,
        tuple(options),
    )
    hop_limit = settings.hop_limit or c.profile.hop_limit
    return Outgoing(
        pair.local,
        pair.remote,
        header,
        payload,
        mss,
        ecn,
        settings.dscp,
        hop_limit,
        settings.path_mtu_discovery,
    )
