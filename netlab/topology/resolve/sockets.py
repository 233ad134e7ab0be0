"""Sockets in the book's notation, with nodes' names for addresses."""

from __future__ import annotations

import re

from netlab.topology import socketpair
from netlab.topology.hints import shown
from netlab.topology.model.expectations.states import state
from netlab.topology.resolve.directory import Directory, port_number, split_port

_SOCKET = re.compile(
    r"\s*\{\s*(?P<local>[^\s,{}]+)\s*,\s*(?P<foreign>[^\s,{}]+)\s*\}"
    r"(?:\s+(?P<state>[A-Za-z0-9_-]+))?\s*",
    re.ASCII,
)


def socket(text: str, directory: Directory) -> str:
    """``text`` in its one spelling, with addresses for names; ValueError in words.

    A socket without a state is a UDP socket, or a TCP socket in whatever state.
    """
    match = _SOCKET.fullmatch(text)
    if match is None:
        raise ValueError(f"a socket looks like '{{*:7, *:*}} LISTEN', not {shown(text)}")
    pair = f"{{{_end(match['local'], directory)}, {_end(match['foreign'], directory)}}}"
    spelled = f"{pair} {state(match['state'])}" if match["state"] else pair
    return str(socketpair.parse(spelled))


def _end(text: str, directory: Directory) -> str:
    host, port = split_port(text)
    if not port or (":" in host and not text.startswith("[")):
        raise ValueError(f"{shown(text)} needs an address and a port, such as *:7 or [fd00::1]:7")
    number = "*" if port == "*" else str(port_number(port))
    if host == "*":
        return f"*:{number}"
    address = directory.address(host)
    return f"[{address}]:{number}" if address.version == 6 else f"{address}:{number}"
