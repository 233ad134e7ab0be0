"""TCP options (RFC 9293, 3.2; RFC 7323; RFC 2018)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import TypeAlias, TypeVar

END_OF_OPTIONS = 0
NO_OPERATION = 1

_TIMESTAMPS = Struct("!II")
_SACK_BLOCK = Struct("!II")
#: How hosts send timestamps alone: aligned by two no-operations (RFC 7323, appendix A).
_ALIGNED_TIMESTAMPS = b"\x01\x01\x08\x0a"


@dataclass(frozen=True, slots=True)
class NoOperation:
    def emit(self) -> bytes:
        return b"\x01"


@dataclass(frozen=True, slots=True)
class MaximumSegmentSize:
    size: int

    def emit(self) -> bytes:
        return b"\x02\x04" + self.size.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class WindowScale:
    """``shift`` is what the wire says; above 14 it counts as 14 (RFC 7323, 2.3)."""

    shift: int

    def emit(self) -> bytes:
        return bytes((3, 3, self.shift))


@dataclass(frozen=True, slots=True)
class SackPermitted:
    def emit(self) -> bytes:
        return b"\x04\x02"


@dataclass(frozen=True, slots=True)
class Sack:
    """``blocks`` are pairs of left edge and right edge; the right edge is not received yet."""

    blocks: tuple[tuple[int, int], ...]

    def emit(self) -> bytes:
        packed = b"".join(_SACK_BLOCK.pack(*block) for block in self.blocks)
        return bytes((5, 2 + len(packed))) + packed


@dataclass(frozen=True, slots=True)
class Timestamps:
    value: int
    echo_reply: int

    def emit(self) -> bytes:
        return b"\x08\x0a" + _TIMESTAMPS.pack(self.value, self.echo_reply)


@dataclass(frozen=True, slots=True)
class UnknownOption:
    """An option this decoder does not know; ``data`` follows its kind and length bytes."""

    kind: int
    data: bytes

    def emit(self) -> bytes:
        return bytes((self.kind, 2 + len(self.data))) + self.data


@dataclass(frozen=True, slots=True)
class MalformedOption:
    """Bytes, kind and length included, that are no option; ``problem`` says why."""

    data: bytes
    problem: str

    def emit(self) -> bytes:
        return self.data


Option: TypeAlias = (
    NoOperation
    | MaximumSegmentSize
    | WindowScale
    | SackPermitted
    | Sack
    | Timestamps
    | UnknownOption
    | MalformedOption
)

OptionT = TypeVar("OptionT", bound=Option)

_NO_OPERATION = NoOperation()
_SACK_PERMITTED = SackPermitted()


def _sack(data: bytes) -> Sack:
    return Sack(tuple(_SACK_BLOCK.iter_unpack(data)))


#: kind -> (name, lengths of its data, how to read it)
_KNOWN: dict[int, tuple[str, range, Callable[[bytes], Option]]] = {
    2: ("maximum segment size", range(2, 3), lambda d: MaximumSegmentSize(d[0] << 8 | d[1])),
    3: ("window scale", range(1, 2), lambda d: WindowScale(d[0])),
    4: ("sack-permitted", range(1), lambda _: _SACK_PERMITTED),
    5: ("sack", range(8, 33, 8), _sack),
    8: ("timestamps", range(8, 9), lambda d: Timestamps(*_TIMESTAMPS.unpack(d))),
}


def parse(data: bytes) -> tuple[Option, ...]:
    """The options in ``data``, in their order. Never raises.

    The end of the option list and the padding behind it are not listed. An option that is not
    what it says is a MalformedOption; one whose length cannot be followed takes the rest along.
    """
    if len(data) == 12 and data.startswith(_ALIGNED_TIMESTAMPS):
        return _NO_OPERATION, _NO_OPERATION, Timestamps(*_TIMESTAMPS.unpack_from(data, 4))
    found: list[Option] = []
    offset = 0
    while offset < len(data):
        kind = data[offset]
        if kind == END_OF_OPTIONS:
            break
        if kind == NO_OPERATION:
            found.append(_NO_OPERATION)
            offset += 1
            continue
        size = data[offset + 1] if offset + 1 < len(data) else 0
        if not 2 <= size <= len(data) - offset:
            problem = f"tcp option {kind} has length {size} with {len(data) - offset} bytes left"
            found.append(MalformedOption(data[offset:], problem))
            break
        found.append(_option(kind, data[offset : offset + size]))
        offset += size
    return tuple(found)


def emit(options: tuple[Option, ...]) -> bytes:
    """The options, padded to a multiple of 4 bytes with ends of the option list."""
    packed = b"".join([option.emit() for option in options])
    return packed + bytes(-len(packed) % 4)


def _option(kind: int, data: bytes) -> Option:
    known = _KNOWN.get(kind)
    if known is None:
        return UnknownOption(kind, data[2:])
    name, lengths, read = known
    if len(data) - 2 not in lengths:
        return MalformedOption(data, f"tcp option {name} has length {len(data)}")
    return read(data[2:])
