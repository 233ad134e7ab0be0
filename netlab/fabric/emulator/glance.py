"""A first look at a frame: whether it could match an expression at all.

To decode a packet costs more than all else that happens to it, and most faults are about few.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

#: False only when the expression cannot match.
Glance: TypeAlias = Callable[[bytes], bool]

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_ALTERNATIVE = re.compile(r"\|\||!(?!=)|(?<![\w.:/-])(?:or|not)(?![\w.:/-])")
_FIELD = re.compile(r"(?<![\w.:/-])(tcp|udp|icmp|icmpv6)(?=\.|[^\w.:/-]|$)")
_FLAG = re.compile(
    r"(?<![\w.:/-])tcp\.flags\.(fin|syn|rst|psh|ack|urg|ece|cwr)"
    r"(?:\s*==\s*(?:1|true)(?![\w.:/-])|\s*(?=and\b|&&|\)|$))"
)

_PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
_FLAGS = {
    name: 1 << bit
    for bit, name in enumerate(("fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"))
}
#: What may stand between an IPv6 header and the upper layer (RFC 8200, 4.1).
_EXTENSIONS = frozenset({0, 43, 44, 60})


def glance(expression: str) -> Glance:
    """For a valid expression of netlab.wire.filter."""
    bare = _STRING.sub(" ", expression)
    if _ALTERNATIVE.search(bare):
        return lambda _: True
    # What is left are tests that must all hold, and a test of a field needs its header.
    protocols = {_PROTOCOLS[name] for name in _FIELD.findall(bare)}
    if not protocols:
        return lambda _: True
    protocol = min(protocols)
    flags = 0
    for name in _FLAG.findall(bare):
        flags |= _FLAGS[name]
    if not flags:
        return lambda frame: _carries(frame, protocol)
    return lambda frame: _carries(frame, protocol) and _has_flags(frame, flags)


def _carries(frame: bytes, protocol: int) -> bool:
    kind = frame[12:14]
    if kind == b"\x08\x00":
        return len(frame) > 23 and frame[23] == protocol
    if kind == b"\x86\xdd":
        return len(frame) > 20 and (frame[20] == protocol or frame[20] in _EXTENSIONS)
    return False


def _has_flags(frame: bytes, flags: int) -> bool:
    if frame[12] == 0x08:
        place = 14 + (frame[14] & 0x0F) * 4 + 13
    elif frame[20] == _PROTOCOLS["tcp"]:
        place = 67
    else:
        return True
    return len(frame) > place and frame[place] & flags == flags
