"""How much memory a capture gets."""

from __future__ import annotations

from netlab.topology.plan import Node

#: For all captures of a lab together, bytes.
BUDGET = 64 << 20

#: Of one interface: enough for 100,000 small packets a second while the collector is away 50 ms.
MOST_BLOCKS = 64
FEWEST_BLOCKS = 4

_SMALLEST_BLOCK = 32 << 10

#: A block must hold the largest frame with its headers.
_HEADROOM = 512


def ring_size(node: Node, interfaces: int) -> tuple[int, int]:
    """(block size in bytes, blocks) for each interface of ``node`` in a lab of ``interfaces``."""
    largest = max((each.mtu for each in node.interfaces), default=0) + _HEADROOM
    block = max(_SMALLEST_BLOCK, 1 << (largest - 1).bit_length())
    share = BUDGET // max(interfaces, 1) // block
    return block, max(FEWEST_BLOCKS, min(MOST_BLOCKS, share))
