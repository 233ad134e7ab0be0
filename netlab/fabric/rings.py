"""How much memory a capture gets, and how long the kernel may keep what it has captured."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.plan import Interface, Node, Offload

#: For all captures of a lab together, bytes.
BUDGET = 64 << 20

#: Of one interface, bytes: 100,000 small packets a second fill it in half a second.
MOST = 8 << 20

#: The kernel hands over a block that is not full after some milliseconds, and a block so handed
#: over is used up: many small blocks outlast a collector that has to wait for the processor.
FEWEST_BLOCKS = 8

#: More blocks than this are no use, and larger ones are less work for each packet.
_ENOUGH_BLOCKS = 256
_SMALLEST_BLOCK = 8 << 10

#: Each ring has a timer in the kernel that hands over blocks which are not full. A thousand rings
#: at the pace of a few keep a processor busy, so that all of them together get this many a second.
_HANDOVER_MS = 16
_HANDOVERS_PER_SECOND = 8000

#: A block must hold the largest frame with its headers: with `offload: fast`, 64 KiB.
_HEADROOM = 512
_LARGEST_SEGMENT = 64 << 10


@dataclass(frozen=True, slots=True)
class RingSize:
    """Bytes of a block, how many blocks, and milliseconds until one that is not full comes."""

    block_size: int
    blocks: int
    handover_ms: int


def ring_size(node: Node, interfaces: int) -> RingSize:
    """For each interface of ``node`` in a lab of ``interfaces``."""
    largest = max((_largest_frame(each) for each in node.interfaces), default=0) + _HEADROOM
    block = max(_SMALLEST_BLOCK, 1 << (largest - 1).bit_length())
    share = min(MOST, BUDGET // max(interfaces, 1))
    while share // block > _ENOUGH_BLOCKS:
        block *= 2
    return RingSize(
        block_size=block,
        blocks=max(FEWEST_BLOCKS, share // block),
        handover_ms=max(_HANDOVER_MS, interfaces * 1000 // _HANDOVERS_PER_SECOND),
    )


def _largest_frame(interface: Interface) -> int:
    return interface.mtu if interface.offload is Offload.WIRE else _LARGEST_SEGMENT
