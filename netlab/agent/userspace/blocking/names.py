"""The hosts that a program knows by name, and what socket(7)'s resolver says of them."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from netlab.wire import address
from netlab.wire.address import from_text, to_text

#: As the socket module has it: of IPv6 with flow label and scope.
SocketAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int]
Info: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, SocketAddress]

_PROTOCOLS = {
    socket.SOCK_STREAM: socket.IPPROTO_TCP,
    socket.SOCK_DGRAM: socket.IPPROTO_UDP,
}
_ANY = {socket.AF_INET: "0.0.0.0", socket.AF_INET6: "::"}  # noqa: S104 - as asked


class Names:
    """``table``: a name's addresses, as text, in the order in which they are tried."""

    def __init__(self, table: Mapping[str, Sequence[str]] | None = None, *, own: str = "") -> None:
        """``own`` is the name of the program's host."""
        self._table = dict(table or {})
        self.own = own

    def addresses(self, host: str | bytes | None, family: int = 0) -> list[str]:
        """Those of a family, 0 for both; an address is its own name. socket.gaierror."""
        text = host.decode() if isinstance(host, bytes) else host or ""
        try:
            found: Sequence[str] = [to_text(_ip(text))]
        except ValueError:
            found = self._table.get(text, ())
        wanted = [each for each in found if family in {0, family_of(each)}]
        if not wanted:
            raise socket.gaierror(socket.EAI_NONAME, f"{text!r} is none of the hosts of this lab")
        return wanted

    def info(  # noqa: PLR0917 - getaddrinfo's arguments
        self,
        host: str | bytes | None,
        port: str | int | None,
        family: int = 0,
        type: int = 0,  # noqa: A002 - getaddrinfo's argument
        proto: int = 0,
        flags: int = 0,
    ) -> list[Info]:
        """As socket.getaddrinfo; ports are numbers."""
        number = _number(port)
        kinds = [k for k in _PROTOCOLS if type in {0, k} and proto in {0, _PROTOCOLS[k]}]
        if host:
            found = self.addresses(host, family)
        else:
            if not flags & socket.AI_PASSIVE:
                raise socket.gaierror(socket.EAI_NONAME, "hosts have no loopback: name one")
            found = [any_ for each, any_ in _ANY.items() if family in {0, each}]
        return [
            (family_of(each), kind, _PROTOCOLS[kind], "", socket_address(each, number))
            for each in found
            for kind in kinds
        ]

    def by_address(self, host: str) -> tuple[str, list[str], list[str]]:
        """As socket.gethostbyaddr."""
        for each in self.addresses(host):
            for name, known in self._table.items():
                if each in known:
                    return name, [], [each]
        raise socket.herror(1, f"{host} has no name in this lab")

    def shown(self, endpoint: SocketAddress, flags: int) -> tuple[str, str]:
        """As socket.getnameinfo."""
        host = endpoint[0]
        if not flags & socket.NI_NUMERICHOST:
            try:
                host = self.by_address(host)[0]
            except socket.herror:
                if flags & socket.NI_NAMEREQD:
                    raise socket.gaierror(socket.EAI_NONAME, f"{host} has no name") from None
        return host, str(endpoint[1])


def family_of(text: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in text else socket.AF_INET


def socket_address(host: str, port: int) -> SocketAddress:
    return (host, port, 0, 0) if ":" in host else (host, port)


def _ip(text: str) -> bytes:
    packed = from_text(text)
    if len(packed) == address.MAC_LENGTH:
        raise ValueError(text)
    return packed


def _number(port: str | int | None) -> int:
    if port is None:
        return 0
    try:
        return int(port)
    except ValueError:
        raise socket.gaierror(
            socket.EAI_SERVICE, f"{port!r} is no port: write its number"
        ) from None
