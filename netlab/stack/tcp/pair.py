"""The pair of sockets that names a connection (RFC 9293, 3.4)."""

from __future__ import annotations

from typing import NamedTuple

from netlab.wire import address


class Pair(NamedTuple):
    """Addresses are raw bytes of one family; it is a key of tables as it is."""

    local: bytes
    local_port: int
    remote: bytes
    remote_port: int

    def packed(self) -> bytes:
        """All four, for hashes."""
        ports = self.local_port << 16 | self.remote_port
        return b"".join((self.local, self.remote, ports.to_bytes(4, "big")))

    def __str__(self) -> str:
        return f"{_text(self.local, self.local_port)} {_text(self.remote, self.remote_port)}"


def _text(host: bytes, port: int) -> str:
    text = address.to_text(host)
    return f"[{text}]:{port}" if len(host) == address.IPV6_LENGTH else f"{text}:{port}"
