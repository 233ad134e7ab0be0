"""Sockets as the book writes them: ``{local, foreign} STATE``, such as ``{*:21, *:*} LISTEN``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from netlab.wire import address
from netlab.wire.states import TCP_STATES

STATES = frozenset(TCP_STATES.values())

_SOCKET = re.compile(r"\{\s*([^\s,{}]+)\s*,\s*([^\s,{}]+)\s*\}(?:\s+(\S+))?")
_ENDPOINT = re.compile(r"(?P<address>\*|\[[^\]]+\]|[^:\[\]]+):(?P<port>\*|[0-9]{1,5})")


@dataclass(frozen=True, slots=True, order=True)
class BookSocket:
    """``local`` and ``foreign`` are ``address:port`` with ``*`` for what is not bound.

    ``state`` None, as one writes a UDP socket, is any state.
    """

    local: str
    foreign: str
    state: str | None = None

    def __str__(self) -> str:
        state = f" {self.state}" if self.state else ""
        return f"{{{self.local}, {self.foreign}}}{state}"

    def describes(self, socket: BookSocket) -> bool:
        """Whether ``socket`` is this one; a ``*`` describes only what is itself a ``*``."""
        same_pair = (self.local, self.foreign) == (socket.local, socket.foreign)
        return same_pair and self.state in {None, socket.state}


def parse(text: str) -> BookSocket:
    """The socket that ``text`` writes; ValueError with a sentence if it writes none."""
    match = _SOCKET.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"a socket looks like '{{*:21, *:*}} LISTEN', not '{text}'")
    local, foreign, state = match.groups()
    if state is not None and state not in STATES:
        raise ValueError(f"'{state}' is no TCP state; there are {', '.join(sorted(STATES))}")
    return BookSocket(_endpoint(local), _endpoint(foreign), state)


def _endpoint(text: str) -> str:
    match = _ENDPOINT.fullmatch(text)
    if match is None:
        raise ValueError(
            f"an endpoint looks like '10.0.0.1:21', '[fd00::1]:21' or '*:*', not '{text}'"
        )
    port = match["port"]
    if port != "*" and int(port) > 65535:
        raise ValueError(f"port {port} is above 65535")
    if match["address"] == "*":
        return f"*:{port if port == '*' else int(port)}"
    raw = address.from_text(match["address"].strip("[]"))
    if len(raw) == address.MAC_LENGTH:
        raise ValueError(f"'{text}' has an Ethernet address where an IP address belongs")
    return address.socket_endpoint(raw, 0 if port == "*" else int(port))
