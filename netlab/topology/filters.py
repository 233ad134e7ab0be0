"""Packet filters of a node, resolved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Hook(StrEnum):
    """Which packets a filter sees: those for the node, those through it, those from it."""

    INPUT = "input"
    FORWARD = "forward"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class IcmpReply:
    """An ICMP error; ``parameter`` is the MTU of 3/4 and of ICMPv6 2/0, else 0."""

    version: int  # of IP: 4 or 6
    type: int
    code: int
    parameter: int = 0


#: Of a rejection that does not say how: *administratively prohibited* in the packet's own version
#: of IP (RFC 1812, 5.2.7.1, and RFC 4443, 3.1).
PROHIBITED = IcmpReply(4, 3, 13), IcmpReply(6, 1, 1)

#: The message types of which nftables can send every code.
_NATIVE = {(4, 3): "icmp", (6, 1): "icmpv6"}


@dataclass(frozen=True, slots=True)
class PacketFilter:
    """Packets that match ``expression`` (netlab.wire.filter) do not pass ``hook``.

    They are answered with ``errors``, at most one for each version of IP, or ``resets``, or not at
    all. ``matches`` are the expression as nftables asks it, one rule each.
    """

    text: str  # how the report calls it
    expression: str
    hook: Hook
    matches: tuple[str, ...]
    errors: tuple[IcmpReply, ...] = ()
    resets: bool = False

    @property
    def verdict(self) -> str:
        """What nftables does with a match."""
        if self.resets:
            return "reject with tcp reset"
        if self.errors == PROHIBITED:
            return "reject with icmpx admin-prohibited"
        if not self.errors or self.reply is not None:
            return "drop"
        (error,) = self.errors
        return f"reject with {_NATIVE[error.version, error.type]} type {error.code}"

    @property
    def reply(self) -> IcmpReply | None:
        """An answer that nftables cannot give: netlab gives it itself."""
        if len(self.errors) != 1:
            return None
        (error,) = self.errors
        is_native = (error.version, error.type) in _NATIVE and not error.parameter
        return None if is_native else error
