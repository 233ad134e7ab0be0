"""Cutting a long payload into TCP segments, as interfaces do that segment (RFC 9293, 3.8.6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from struct import Struct

from netlab.wire import checksum as internet
from netlab.wire.tcp import FLAGS, PROTOCOL, Flags, Tcp

#: Only the last segment has what ends something, only the first what answers something.
_LAST_ONLY = int(Flags.FIN | Flags.PSH)
_FIRST_ONLY = int(Flags.CWR)

#: What is between ports and options: only sequence number, flags and checksum differ.
_HEADER = Struct("!4sI5sB2sH")


def cut(
    header: Tcp, payload: bytes | memoryview, size: int, source: bytes, destination: bytes
) -> Iterator[tuple[bytes, memoryview]]:
    """Headers with their checksums, each with its part of the payload, ``size`` bytes at most."""
    view, length = memoryview(payload), len(payload)
    flags = int(header.flags)
    middle = replace(header, flags=FLAGS[flags & ~(_LAST_ONLY | _FIRST_ONLY)])
    template = middle.emit_header()
    base = internet.raw_sum(template)
    base += internet.pseudo_header(source, destination, PROTOCOL, len(template))
    base -= header.sequence + int(middle.flags)
    ports, acknowledgment, window, rest = (
        template[:4],
        template[8:13],
        template[14:16],
        template[18:],
    )
    for start in range(0, length, size):
        part = view[start : start + size]
        sequence = header.sequence + start & 0xFFFFFFFF
        here = flags
        if start:
            here &= ~_FIRST_ONLY
        if start + size < length:
            here &= ~_LAST_ONLY
        value = internet.finish(base + sequence + here + len(part) + internet.raw_sum(part))
        yield _HEADER.pack(ports, sequence, acknowledgment, here, window, value) + rest, part


def partial(header: Tcp, length: int, source: bytes, destination: bytes) -> bytes:
    """The header of a segment whose interface sums up: its checksum is the pseudo header's sum."""
    head = header.emit_header()
    pseudo = internet.pseudo_header(source, destination, PROTOCOL, len(head) + length)
    value = pseudo % 0xFFFF
    return b"".join((head[:16], value.to_bytes(2, "big"), head[18:]))
