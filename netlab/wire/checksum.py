"""The Internet checksum (RFC 1071) and the pseudo headers of TCP, UDP and ICMPv6.

The one's complement sum of 16-bit words is the whole buffer, read as one big number, modulo 0xffff:
2**16 is 1 there, so every word counts as itself. CPython does that faster than any loop over words.
A *sum* here is such a number, not yet reduced; sums of several buffers may be added.
"""

from __future__ import annotations


def raw_sum(data: bytes | memoryview) -> int:
    """``data`` as a sum; a last odd byte is padded with a zero byte."""
    number = int.from_bytes(data, "big")
    return number << 8 if len(data) & 1 else number


def pseudo_header(source: bytes, destination: bytes, protocol: int, length: int) -> int:
    """The sum of a pseudo header, of version 4 (RFC 9293, 3.1) or 6 (RFC 8200, 8.1)."""
    return int.from_bytes(source, "big") + int.from_bytes(destination, "big") + protocol + length


def finish(total: int) -> int:
    """The checksum that a sum stands for: its 16-bit one's complement."""
    if total == 0:
        return 0xFFFF
    # One's complement has two zeros; a sum of anything but zeros folds to the negative one.
    return 0xFFFF - (total % 0xFFFF or 0xFFFF)


def checksum(data: bytes | memoryview, pseudo: int = 0) -> int:
    """The checksum of ``data``, whose checksum field is zero, behind a pseudo header."""
    return finish(raw_sum(data) + pseudo)


def is_valid(total: int) -> bool:
    """Whether the sum of a message that includes its checksum is what it must be."""
    return total % 0xFFFF == 0 and total != 0
