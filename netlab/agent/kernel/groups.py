"""What a datagram socket may be told about groups and errors (ip(7), ipv6(7))."""

from __future__ import annotations

import errno
import socket
import struct

from netlab.wire.address import from_text

#: Linux socket options that the socket module does not name.
_IP_RECVERR, _IPV6_RECVERR = 11, 25

_MREQN = struct.Struct("4s4si")  # struct ip_mreqn: group, local address, interface
_MREQ6 = struct.Struct("16sI")  # struct ipv6_mreq


def interfaces() -> list[str]:
    """Those that can carry multicasts."""
    return [name for _, name in socket.if_nameindex() if name != "lo"]


def join(made: socket.socket, group: str, interface: str) -> None:
    _set_membership(made, group, interface, socket.IP_ADD_MEMBERSHIP, socket.IPV6_JOIN_GROUP)


def leave(made: socket.socket, group: str, interface: str) -> None:
    _set_membership(made, group, interface, socket.IP_DROP_MEMBERSHIP, socket.IPV6_LEAVE_GROUP)


def _set_membership(
    made: socket.socket, group: str, interface: str, option: int, option6: int
) -> None:
    raw = from_text(group)
    index = _index(interface)
    if len(raw) == 4:
        made.setsockopt(socket.IPPROTO_IP, option, _MREQN.pack(raw, bytes(4), index))
    else:
        made.setsockopt(socket.IPPROTO_IPV6, option6, _MREQ6.pack(raw, index))


def join_everywhere(made: socket.socket, group: str) -> None:
    for interface in interfaces():
        join(made, group, interface)


def set_sending(
    made: socket.socket, *, ttl: int | None, loop: bool | None, interface: str | None
) -> None:
    """How far datagrams to groups go, whether this node hears them, and from which interface."""
    if ttl is not None:
        _set(made, socket.IP_MULTICAST_TTL, socket.IPV6_MULTICAST_HOPS, ttl)
    if loop is not None:
        _set(made, socket.IP_MULTICAST_LOOP, socket.IPV6_MULTICAST_LOOP, int(loop))
    if interface is not None:
        index = _index(interface)
        if made.family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        else:
            value = _MREQN.pack(bytes(4), bytes(4), index)
            made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, value)


def _index(interface: str) -> int:
    try:
        return socket.if_nametoindex(interface)
    except OSError as error:  # without an errno
        raise OSError(errno.ENODEV, f"there is no interface {interface}") from error


def hear_errors(made: socket.socket) -> None:
    """Every ICMP error becomes the socket's error, soft ones (RFC 1122, 4.2.3.9) too."""
    _set(made, _IP_RECVERR, _IPV6_RECVERR, 1)


def _set(made: socket.socket, option: int, option6: int, value: int) -> None:
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, option6, value)
    else:
        made.setsockopt(socket.IPPROTO_IP, option, value)
