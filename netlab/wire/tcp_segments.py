"""Cutting a long payload into TCP segments, as interfaces do that segment (RFC 9293, 3.8.6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netlab.wire import checksum as internet
from netlab.wire.tcp import FLAGS, PROTOCOL, Flags, Tcp

#: Only the last segment has what ends something, only the first what answers something.
_LAST_ONLY = int(Flags.FIN | Flags.PSH)
_FIRST_ONLY = int(Flags.CWR)


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
    for start in range(0, length, size):
        part = view[start : start + size]
        sequence = header.sequence + start & 0xFFFFFFFF
        here = flags
        if start:
            here &= ~_FIRST_ONLY
        if start + size < length:
            here &= ~_LAST_ONLY
        total = base - header.sequence + sequence - int(middle.flags) + here + len(part)
        value = internet.finish(total + internet.raw_sum(part))
        yield (
            b"".join(
                (
                    template[:4],
                    sequence.to_bytes(4, "big"),
                    template[8:13],
                    here.to_bytes(1, "big"),
                    template[14:16],
                    value.to_bytes(2, "big"),
                    template[18:],
                )
            ),
            part,
        )


def partial(header: Tcp, length: int, source: bytes, destination: bytes) -> bytes:
    """The header of a segment whose interface sums up: its checksum is the pseudo header's sum."""
    head = header.emit_header()
    pseudo = internet.pseudo_header(source, destination, PROTOCOL, len(head) + length)
    value = pseudo % 0xFFFF
    return b"".join((head[:16], value.to_bytes(2, "big"), head[18:]))
