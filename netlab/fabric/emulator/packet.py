"""A frame on its way."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.fabric.emulator.chances import Fate

_ETHERNET_HEADER = 14


@dataclass(slots=True)
class Packet:
    """``original`` is the frame as it came, at ``came``; ``fate`` what was drawn for it then."""

    original: bytes
    frame: bytes
    came: int
    fate: Fate
    copies: int = 1

    def flip_bit(self, where: float) -> None:
        """Flip one bit behind the Ethernet header, ``where`` from its front at 0 up to 1."""
        bits = (len(self.frame) - _ETHERNET_HEADER) * 8
        if bits <= 0:
            return
        place, bit = divmod(int(where * bits), 8)
        changed = bytearray(self.frame)
        changed[_ETHERNET_HEADER + place] ^= 0x80 >> bit
        self.frame = bytes(changed)
