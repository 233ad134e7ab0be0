"""How much memory a capture gets."""

from __future__ import annotations

from netlab.topology.plan import Interface, Node, Offload

#: For all captures of a lab together, bytes.
BUDGET = 64 << 20

#: Of one interface, bytes: 100,000 small packets a second fill it in a quarter of a second.
MOST = 4 << 20

#: The kernel hands over a block that is not full after some milliseconds, and a block so handed
#: over is used up: many small blocks outlast a collector that has to wait for the processor.
FEWEST_BLOCKS = 8
_SMALLEST_BLOCK = 8 << 10

#: A block must hold the largest frame with its headers: with `offload: fast`, 64 KiB.
_HEADROOM = 512
_LARGEST_SEGMENT = 64 << 10


def ring_size(node: Node, interfaces: int) -> tuple[int, int]:
    """(block size in bytes, blocks) for each interface of ``node`` in a lab of ``interfaces``."""
    largest = max((_largest_frame(each) for each in node.interfaces), default=0) + _HEADROOM
    block = max(_SMALLEST_BLOCK, 1 << (largest - 1).bit_length())
    share = min(MOST, BUDGET // max(interfaces, 1)) // block
    return block, max(FEWEST_BLOCKS, share)


def _largest_frame(interface: Interface) -> int:
    return interface.mtu if interface.offload is Offload.WIRE else _LARGEST_SEGMENT
