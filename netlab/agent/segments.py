"""Segments of TCP as if from one end of a flow to the other, though that end did not send them."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from netlab.agent import payload
from netlab.agent.channel import Message
from netlab.agent.flow import Way
from netlab.stack.tcp.sequence import wrap
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import decode_ip
from netlab.wire.tcp import FLAGS, Flags, Tcp
from netlab.wire.tcp_options import MaximumSegmentSize, NoOperation, Option, Timestamps

#: A number of a request: the number, and whether it counts from what comes next.
_Asked: TypeAlias = tuple[int, bool]


class UnknownError(Exception):
    """What a segment is to be made of has not come by; it says so in words."""


def crafted(request: Message, way: Way, back: Way) -> bytes:
    """The datagram with the segment that ``request`` asks for, sent the way that ``way`` is.

    UnknownError until enough has come by.
    """
    if way.next is None or not way.datagram:
        raise UnknownError("no segment from there has passed here")
    last = decode_ip(way.datagram)
    assert last.ip is not None
    assert last.tcp is not None
    flags = FLAGS[sum(Flags[name.upper()] for name in request["flags"])]
    if request["urgent"] is not None:
        flags = FLAGS[flags | Flags.URG]
    acknowledges = bool(flags & Flags.ACK)
    header = Tcp(
        last.tcp.source_port,
        last.tcp.destination_port,
        _number(request["sequence"], way.next, way.initial),
        _acknowledgment(request["acknowledgment"], last.tcp, back) if acknowledges else 0,
        flags,
        _window(request["window"], flags, way, back),
        request["urgent"] or 0,
        (
            *_largest(request["mss"]),
            *_options(request["timestamp"], way, back, acknowledges=acknowledges),
        ),
    )
    ip = _as_forwarded(last.ip)
    return ip.emit(header.emit(_data(request), ip.source, ip.destination))


def _data(request: Message) -> bytes:
    """Other bytes than the connection's own."""
    if not request["payload_size"]:
        return b""
    return payload.of({**request, "conn": f"{request['conn']} injected"}, 0)


def _number(asked: _Asked, following: int, initial: int | None) -> int:
    value, is_relative = asked
    if is_relative:
        return wrap(following + value)
    if initial is None:
        raise UnknownError("no SYN from there has passed here, which numbers count from")
    return wrap(initial + value)


def _acknowledgment(asked: _Asked, last: Tcp, back: Way) -> int:
    """Where nothing comes back by here, it is the last one's."""
    following = last.acknowledgment if back.next is None else back.next
    return _number(asked, following, back.initial)


def _window(asked: int | None, flags: Flags, way: Way, back: Way) -> int:
    if asked and way.initial is None:
        raise UnknownError("no SYN from there has passed here, which scales windows")
    scale = 0 if flags & Flags.SYN else way.shift(back)
    return min((way.window if asked is None else asked) >> scale, 0xFFFF)


def _largest(size: int | None) -> tuple[Option, ...]:
    return () if size is None else (MaximumSegmentSize(size),)


def _options(
    asked: _Asked | None, way: Way, back: Way, *, acknowledges: bool
) -> tuple[Option, ...]:
    if asked is None:
        return ()
    if way.timestamp is None:
        if tuple(asked) == (0, True):
            return ()
        raise UnknownError("no timestamps from there have passed here")
    value = _number(asked, way.timestamp, way.first_timestamp)
    reply = wrap(back.timestamp or 0) if acknowledges else 0
    return NoOperation(), NoOperation(), Timestamps(value, reply)


def _as_forwarded(ip: Ipv4 | Ipv6) -> Ipv4 | Ipv6:
    """The header of what that end sent last, one hop on, without options and marks of its own."""
    if isinstance(ip, Ipv6):
        limit = max(1, ip.hop_limit - 1)
        return replace(ip, hop_limit=limit, traffic_class=ip.dscp << 2, extensions=())
    return replace(
        ip,
        ttl=max(1, ip.ttl - 1),
        identification=(ip.identification + 1) & 0xFFFF,
        ecn=0,
        options=b"",
    )
