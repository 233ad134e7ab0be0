"""Kernel sockets: made, bound and tuned from what a request says, and named for events."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from netlab.agent import groups
from netlab.agent.channel import Message
from netlab.wire.address import from_text, socket_endpoint, unmapped

#: Linux socket options that the socket module does not name.
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER = 10, 23
_PMTUDISC_DONT, _PMTUDISC_DO = 0, 2


def bound_socket(request: Message) -> socket.socket:
    """A server's socket: listening (TCP) or bound (UDP). The wildcard serves IPv4 and IPv6."""
    address = request["address"] or _wildcard()
    made = new_socket(request["transport"], address)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address == "::":
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        apply_options(made, request["options"])
        made.bind((address, request["port"]))
        for group in request.get("groups", ()):
            groups.join_everywhere(made, group)
        if request["transport"] == "tcp":
            made.listen(request["backlog"])
            _set_acks(made, request["options"])  # listen() forgets how to acknowledge
    except OSError:
        made.close()
        raise
    return made


def _wildcard() -> str:
    return "::" if Path("/proc/net/if_inet6").exists() else "0.0.0.0"  # noqa: S104 - as asked


def new_socket(transport: str, address: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    return socket.socket(family, kind | socket.SOCK_CLOEXEC)


def apply_options(made: socket.socket, options: Message) -> None:
    """Set what ``options`` (the fields of SocketOptions) names; OSError as the kernel says."""
    if (mss := options.get("mss")) is not None:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, mss)
    if (congestion := options.get("congestion")) is not None:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, congestion.encode())
    if made.type == socket.SOCK_STREAM:
        _set_acks(made, options)
    if (size := options.get("send_buffer")) is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
    if (size := options.get("receive_buffer")) is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    if (discover := options.get("path_mtu_discovery")) is not None:
        _set_path_mtu_discovery(made, discover=discover)


def _set_acks(made: socket.socket, options: Message) -> None:
    if (acks := options.get("acks", "default")) != "default":
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, int(acks == "quick"))


def _set_path_mtu_discovery(made: socket.socket, *, discover: bool) -> None:
    """An IPv6 socket has both options: that of IPv4 is for its IPv4-mapped peers."""
    value = _PMTUDISC_DO if discover else _PMTUDISC_DONT
    made.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, value)
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, value)


def local_name(made: socket.socket) -> str:
    return name(made.getsockname())


def foreign_name(made: socket.socket) -> str:
    return name(made.getpeername())


def name(address: tuple[str, int]) -> str:
    """As events write endpoints; an IPv4 peer of a dual-stack socket has its IPv4 address."""
    host = from_text(address[0].partition("%")[0])
    return socket_endpoint(unmapped(host), address[1])


def errno_name(error: OSError) -> str:
    return errno.errorcode.get(error.errno, "") if error.errno else ""
