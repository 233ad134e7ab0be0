"""Reads the blocks of a run's capture as sightings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from netlab.analyse.headers import hop_limit
from netlab.analyse.model import Sighting
from netlab.wire.packet import Packet, decode
from netlab.wire.pcapng import Block, Frame, InterfaceDescription

#: How many frames a decoder knows again: those of some milliseconds.
_REMEMBERED = 8192


def sightings(
    blocks: Iterable[Block | Sighting],
    epoch: int,
    *,
    offloaded: Collection[str] = (),
    is_ordered: bool = False,
) -> tuple[Sighting, ...]:
    """Every frame in time order; ``epoch`` is nanoseconds since 1970.

    Interfaces are named ``node:interface``. Frames are numbered as in the file; what is a sighting
    already stays as it is. At ``offloaded`` interfaces checksums are the hardware's, not verified.
    ``is_ordered``: frames of one time are in the file as they passed, not interface by interface.
    """
    key = _place_in_file if is_ordered else _moment
    return tuple(sorted(_read(blocks, epoch, offloaded), key=key))


def described(blocks: Iterable[Block | Sighting]) -> set[tuple[str, str]]:
    """The nodes and interfaces that a capture file describes, whether they saw a frame or not."""
    return {_place(block) for block in blocks if isinstance(block, InterfaceDescription)}


def _place(interface: InterfaceDescription) -> tuple[str, str]:
    node, _, name = interface.name.partition(":")
    return node, name


def _read(
    blocks: Iterable[Block | Sighting], epoch: int, offloaded: Collection[str]
) -> Iterator[Sighting]:
    number = 0
    decoder = _Decoder()
    for block in blocks:
        if isinstance(block, Sighting):
            yield block
        elif isinstance(block, Frame):
            number += 1
            node, interface = _place(block.interface)
            verify = block.interface.name not in offloaded
            yield Sighting(
                number,
                block.t - epoch,
                node,
                interface,
                outbound=bool(block.outbound),
                packet=decoder.decode(block, verify=verify),
            )


class _Decoder:
    """Decodes a frame once for both ends of its link, which see the same bytes shortly after."""

    def __init__(self) -> None:
        self._recent: dict[tuple[bytes, int, bool], Packet] = {}

    def decode(self, frame: Frame, *, verify: bool) -> Packet:
        key = (frame.data, frame.length, verify)
        packet = self._recent.get(key)
        if packet is None:
            if len(self._recent) >= _REMEMBERED:
                self._recent.clear()
            packet = decode(frame.data, length=frame.length, verify=verify)
            self._recent[key] = packet
        return packet


def _place_in_file(sighting: Sighting) -> tuple[int, int]:
    return sighting.t, sighting.number


def _moment(sighting: Sighting) -> tuple[int, int, bool, int]:
    """Of what was stamped alike, the earlier hop comes first, and leaving comes before arriving."""
    limit = hop_limit(sighting.packet) or 0
    return sighting.t, -limit, not sighting.outbound, sighting.number
