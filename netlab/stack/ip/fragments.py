"""Fragmentation: RFC 791, 3.2, for IPv4 and RFC 8200, 4.5, for IPv6."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netlab.stack.ip.datagram import Buffer
from netlab.wire import ipv4_options, ipv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import HEADER_LENGTH, ExtensionHeader, ExtensionType, Ipv6

_FRAGMENT_HEADER = 8


def fragment_ipv4(ip: Ipv4, payload: Buffer, mtu: int) -> Iterator[tuple[Ipv4, Buffer]]:
    """Headers and data, ``mtu`` bytes at most; the datagram may be a fragment itself.

    Options that are not to be copied stand in the first piece alone.
    """
    start = ip.fragment_offset
    rest = replace(ip, options=_copied(ip.options)) if ip.options else ip
    for offset, data, more in _cut(payload, mtu - ip.header_length):
        first = ip if offset == 0 else rest
        header = replace(
            first,
            fragment_offset=start + offset,
            more_fragments=more or ip.more_fragments,
        )
        yield header, data


def fragment_ipv6(
    ip: Ipv6, payload: Buffer, mtu: int, identification: int
) -> Iterator[tuple[Ipv6, Buffer]]:
    """Only a source does this. Each piece has the headers that routers look at in front."""
    split = _per_hop_headers(ip.extensions)
    before, behind = ip.extensions[:split], ip.extensions[split:]
    if behind:
        payload = ipv6.emit_extensions(behind, ip.protocol) + payload
        ip = replace(ip, protocol=behind[0].type)
    room = mtu - HEADER_LENGTH - sum(len(e.body) + 2 for e in before) - _FRAGMENT_HEADER
    for offset, data, more in _cut(payload, room):
        header = ipv6.fragment_header(offset, identification, more=more)
        yield replace(ip, extensions=(*before, header)), data


def _per_hop_headers(extensions: tuple[ExtensionHeader, ...]) -> int:
    """How many of them each node on the way processes (RFC 8200, 4.5)."""
    kinds = [e.type for e in extensions]
    if ExtensionType.ROUTING in kinds:
        return kinds.index(ExtensionType.ROUTING) + 1
    return 1 if kinds[:1] == [ExtensionType.HOP_BY_HOP] else 0


def _cut(payload: Buffer, room: int) -> Iterator[tuple[int, Buffer, bool]]:
    """Offset, bytes, and whether more follow; multiples of 8 bytes but for the last."""
    room -= room % 8
    view = memoryview(payload)
    for offset in range(0, len(view), room):
        yield offset, view[offset : offset + room], offset + room < len(view)


def _copied(options: bytes) -> bytes:
    kept = b"".join(o.emit() for o in ipv4_options.parse(options) if o.copied)
    return kept + bytes(-len(kept) % 4)
