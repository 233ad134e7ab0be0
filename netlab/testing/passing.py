"""Packets between a client and a server, as a router between them sees them, and that router."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.agent.news import News
from netlab.wire.address import from_text
from netlab.wire.ipv4 import Ipv4
from netlab.wire.tcp import PROTOCOL, Flags, Tcp
from netlab.wire.tcp_options import Option

CLIENT, SERVER = "10.0.0.1:1500", "10.0.1.2:7"


def segment(
    flags: Flags,
    sequence: int,
    acknowledgment: int = 0,
    *,
    to: str = SERVER,
    data: bytes = b"",
    window: int = 1000,
    options: Iterable[Option] = (),
    ttl: int = 64,
) -> bytes:
    """An IPv4 datagram from one end to the other."""
    (source, source_port), (target, target_port) = map(_parts, (_other(to), to))
    header = Tcp(
        source_port,
        target_port,
        sequence,
        acknowledgment,
        flags,
        window,
        options=tuple(options),
    )
    ip = Ipv4(source, target, PROTOCOL, ttl=ttl, identification=7, dont_fragment=True)
    return ip.emit(header.emit(data, source, target))


def _other(end: str) -> str:
    return CLIENT if end == SERVER else SERVER


def _parts(end: str) -> tuple[bytes, int]:
    address, _, port = end.rpartition(":")
    return from_text(address), int(port)


class PassingTap(News):
    """Fulfils ``Tap``: what `pass_by` is given comes by."""

    def pass_by(self, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self.note(datagram)

    def close(self) -> None:
        """Nothing to give back."""


class PassingNetwork:
    """The part of ``Network`` that looks at packets and sends whole ones; ``sent`` are these."""

    def __init__(self) -> None:
        self.passing = PassingTap()
        self.sent: list[tuple[bytes, str]] = []

    def tap(self) -> PassingTap:
        return self.passing

    async def send_packet(self, packet: bytes, target: str) -> None:
        self.sent.append((packet, target))
