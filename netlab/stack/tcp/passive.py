"""Segments for a listener (RFC 9293, 3.10.7.2), with SYN cookies and reuse of TIME_WAIT."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from netlab.stack.tcp import cookies, opening
from netlab.stack.tcp.acceptance import is_older
from netlab.stack.tcp.listener import Listener
from netlab.stack.tcp.options import Offer
from netlab.stack.tcp.pair import Pair
from netlab.stack.tcp.profile import Cookies
from netlab.stack.tcp.segment import ACK, RST, SYN, Payload, Segment
from netlab.stack.tcp.sequence import unwrap, wrap
from netlab.stack.tcp.states import Input
from netlab.wire.states import State
from netlab.wire.tcp import Tcp
from netlab.wire.tcp_options import Timestamps

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection
    from netlab.stack.tcp.layer import TcpLayer


class Arrived(NamedTuple):
    """A segment that no connection took; ``pair`` is ours."""

    pair: Pair
    header: Tcp
    payload: Payload


#: How far above the old connection's numbers those of its successor begin.
_ABOVE = 65_537


def arrives_in_listen(layer: TcpLayer, now: int, listener: Listener, arrived: Arrived) -> bool:
    """Whether the listener took the segment; if not, a reset is the answer."""
    flags = int(arrived.header.flags)
    if flags & RST:
        return True
    if flags & ACK:
        return _cookie_returns(layer, now, listener, arrived)
    has_room = listener.has_room() and not layer.sockets.is_full
    if flags & SYN and has_room and not layer.is_quiet(now):
        wanted = layer.profile.syn_cookies
        if wanted is not Cookies.ALWAYS and listener.may_begin():
            begin(layer, now, listener, arrived)
        elif wanted is not Cookies.NEVER:
            _answer_with_cookie(layer, now, listener, arrived)
    return True


def begin(
    layer: TcpLayer,
    now: int,
    listener: Listener,
    arrived: Arrived,
    *,
    iss: int | None = None,
) -> None:
    """A SYN makes a connection in SYN_RCVD."""
    connection = layer.add_connection(
        now, arrived.pair, listener.settings, listener=listener, iss=iss
    )
    listener.begun(connection)
    opening.arrives_in_listen(connection, now, _first(arrived.header, arrived.payload))
    layer.changed(connection)


def take_over(layer: TcpLayer, now: int, old: Connection, arrived: Arrived) -> bool:
    """A SYN for a pair in TIME_WAIT: whether it begins a new connection.

    It does if it cannot be a duplicate of the old one: by its timestamp (RFC 6191, 2), or by its
    sequence number (RFC 9293, 3.6.1; MAY-2).
    """
    listener = layer.sockets.listener(old.pair)
    if listener is None or not listener.has_room() or not listener.may_begin():
        return False
    if layer.is_quiet(now):
        return False
    header = arrived.header
    cb, stamp = old.cb, header.option(Timestamps)
    is_above = unwrap(header.sequence, cb.rcv_nxt) > cb.rcv_nxt
    if cb.timestamps and stamp is not None and stamp.value != cb.ts_recent:
        is_new = not is_older(stamp.value, cb.ts_recent)
    else:
        is_new = is_above
    if not is_new:
        return False
    old.finish(now, 0, Input.NEW_SYN)
    iss = unwrap(layer.numbers.choose(now, old.pair), cb.snd_nxt)
    iss = iss if iss > cb.snd_nxt else cb.snd_nxt + _ABOVE
    begin(layer, now, listener, arrived, iss=wrap(iss))
    return True


def _answer_with_cookie(layer: TcpLayer, now: int, listener: Listener, arrived: Arrived) -> None:
    pair, header, _ = arrived
    offer = Offer.of(header)
    iss = layer.cookies.make(now, pair, header.sequence, offer)
    connection = layer.new_connection(now, pair, listener.settings, listener=listener, iss=iss)
    shown = wrap(connection.clock.value(now))
    connection.clock.offset += cookies.mark(shown, offer) - shown
    layer.cookie_sent(now)
    layer.post(opening.reply_without_memory(connection, now, _first(header, b"")))


def _cookie_returns(layer: TcpLayer, now: int, listener: Listener, arrived: Arrived) -> bool:
    """An ACK for no connection: it may answer a cookie."""
    pair, header, payload = arrived
    irs, iss = wrap(header.sequence - 1), wrap(header.acknowledgment - 1)
    if not layer.cookies_are_out(now):
        return False
    mss = layer.cookies.check(now, pair, irs, iss)
    if mss is None:
        return False
    if not listener.has_room() or layer.sockets.is_full:
        return True
    connection = layer.add_connection(now, pair, listener.settings, listener=listener, iss=iss)
    stamp = header.option(Timestamps)
    syn = Tcp(pair.remote_port, pair.local_port, irs, 0, header.flags, header.window)
    opening.adopt(connection, now, cookies.read(mss, stamp), _first(syn, b""))
    opening.begins_established(connection, now)
    connection.segment_arrives(now, header, payload)
    return True


def _first(header: Tcp, payload: Payload) -> Segment:
    return Segment(header, payload, near_sequence=None, near_acknowledgment=0, shift=0)


def is_new_attempt(connection: Connection, header: Tcp) -> bool:
    """Whether a SYN arrives for a pair that only waits for old duplicates to die."""
    flags = int(header.flags)
    return connection.state is State.TIME_WAIT and flags & (SYN | ACK | RST) == SYN
