"""What a datagram socket may be told about groups, broadcasts and errors (ip(7), ipv6(7))."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import Any

from netlab.agent.channel import Message
from netlab.wire.address import from_text, socket_endpoint, unmapped

#: Linux socket options that the socket module does not name.
_IP_RECVERR, _IPV6_RECVERR = 11, 25

_MREQN = struct.Struct("4s4si")  # struct ip_mreqn: group, local address, interface
_MREQ6 = struct.Struct("16sI")  # struct ipv6_mreq


def join(made: socket.socket, request: Message) -> None:
    _set_membership(made, request, socket.IP_ADD_MEMBERSHIP, socket.IPV6_JOIN_GROUP)


def leave(made: socket.socket, request: Message) -> None:
    _set_membership(made, request, socket.IP_DROP_MEMBERSHIP, socket.IPV6_LEAVE_GROUP)


def _set_membership(made: socket.socket, request: Message, option: int, option6: int) -> None:
    raw = from_text(request["group"])
    index = socket.if_nametoindex(request["interface"])
    if len(raw) == 4:
        made.setsockopt(socket.IPPROTO_IP, option, _MREQN.pack(raw, bytes(4), index))
    else:
        made.setsockopt(socket.IPPROTO_IPV6, option6, _MREQ6.pack(raw, index))


def join_everywhere(made: socket.socket, group: str) -> None:
    """Join on every interface that can carry multicasts."""
    for _, name in socket.if_nameindex():
        if name != "lo":
            join(made, {"group": group, "interface": name})


def set_sending(made: socket.socket, request: Message) -> None:
    """How far datagrams to groups go, whether this node hears them, and from which interface."""
    version_6 = made.family == socket.AF_INET6
    if (ttl := request["ttl"]) is not None:
        _set(made, socket.IP_MULTICAST_TTL, socket.IPV6_MULTICAST_HOPS, ttl)
    if (loop := request["loop"]) is not None:
        _set(made, socket.IP_MULTICAST_LOOP, socket.IPV6_MULTICAST_LOOP, int(loop))
    if (interface := request["interface"]) is not None:
        index = socket.if_nametoindex(interface)
        if version_6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        else:
            value = _MREQN.pack(bytes(4), bytes(4), index)
            made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, value)


def _set(made: socket.socket, option: int, option6: int, value: Any) -> None:
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, option6, value)
    else:
        made.setsockopt(socket.IPPROTO_IP, option, value)


def allow_broadcast(made: socket.socket, _: Message) -> None:
    made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)


def hear_errors(made: socket.socket, _: Message) -> None:
    """Every ICMP error becomes the socket's error, soft ones (RFC 1122, 4.2.3.9) too."""
    _set(made, _IP_RECVERR, _IPV6_RECVERR, 1)


@dataclass(frozen=True, slots=True)
class Datagram:
    """What was ``kept`` of a datagram of ``length`` bytes."""

    kept: bytes
    length: int
    sender: str


async def receive(made: socket.socket, room: int) -> Datagram:
    """The next datagram, in a buffer of ``room`` bytes; a longer one is cut (recvmsg(2))."""
    while True:
        buffer = bytearray(room)
        try:
            length, _, _, sender = made.recvmsg_into([buffer], 0, socket.MSG_TRUNC)
        except BlockingIOError:
            await _readable(made)
            continue
        return Datagram(bytes(buffer[:length]), length, _name(sender))


def _name(sender: tuple[Any, ...]) -> str:
    host = from_text(str(sender[0]).partition("%")[0])
    return socket_endpoint(unmapped(host), int(sender[1]))


async def _readable(made: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(made, _resolve, ready)
    try:
        await ready
    finally:
        loop.remove_reader(made)


def _resolve(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
