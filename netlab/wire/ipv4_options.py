"""IPv4 options (RFC 791, 3.1), as names and bytes."""

from __future__ import annotations

from dataclasses import dataclass

END_OF_OPTIONS = 0
NO_OPERATION = 1

#: The type's octet, with its copied flag and class.
_NAMES = {
    0: "end of list",
    1: "no operation",
    7: "record route",
    68: "timestamp",
    130: "security",
    131: "loose source route",
    137: "strict source route",
    148: "router alert",
}


@dataclass(frozen=True, slots=True)
class Ipv4Option:
    """``data`` follows the type and the length; an option cut short has what is there."""

    type: int
    data: bytes = b""

    @property
    def name(self) -> str:
        return _NAMES.get(self.type, f"option {self.type}")

    @property
    def copied(self) -> bool:
        """Every fragment has it, not the first one only."""
        return bool(self.type & 0x80)

    def emit(self) -> bytes:
        if self.type in {END_OF_OPTIONS, NO_OPERATION}:
            return bytes((self.type,))
        return bytes((self.type, len(self.data) + 2)) + self.data


def parse(options: bytes) -> tuple[Ipv4Option, ...]:
    """The options in their order, the end of the list included. Never raises."""
    found: list[Ipv4Option] = []
    offset = 0
    while offset < len(options):
        kind = options[offset]
        if kind in {END_OF_OPTIONS, NO_OPERATION}:
            found.append(Ipv4Option(kind))
            if kind == END_OF_OPTIONS:
                break
            offset += 1
            continue
        size = options[offset + 1] if offset + 1 < len(options) else 0
        if size < 2:  # its length cannot be followed
            found.append(Ipv4Option(kind, options[offset + 1 :]))
            break
        found.append(Ipv4Option(kind, options[offset + 2 : offset + size]))
        offset += size
    return tuple(found)
