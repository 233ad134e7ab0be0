"""Kernel sockets: made and bound from what a request says, and named for events."""

from __future__ import annotations

import socket
from pathlib import Path

from netlab.agent.channel import Message
from netlab.agent.kernel import groups, options
from netlab.wire.address import from_text, socket_endpoint, unmapped


def bound_socket(request: Message) -> socket.socket:
    """A server's socket: listening (TCP) or bound (UDP). The wildcard serves IPv4 and IPv6."""
    address = request["address"] or _wildcard()
    made = new_socket(request["transport"], address)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address == "::":
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        options.apply(made, request["options"])
        made.bind((address, request["port"]))
        for group in request.get("groups", ()):
            groups.join_everywhere(made, group)
        if request["transport"] == "tcp":
            made.listen(request["backlog"])
            options.set_acks(made, request["options"])  # listen() forgets how to acknowledge
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


def local_name(made: socket.socket) -> str:
    return name(made.getsockname())


def foreign_name(made: socket.socket) -> str:
    return name(made.getpeername())


def name(address: tuple[str, int]) -> str:
    """As events write endpoints; an IPv4 peer of a dual-stack socket has its IPv4 address."""
    host = from_text(address[0].partition("%")[0])
    return socket_endpoint(unmapped(host), address[1])
