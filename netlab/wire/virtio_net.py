"""What a driver and an interface tell each other of a frame (virtio 1.2, 5.1.6: virtio_net_hdr).

Packet sockets have it in front of every frame, in the byte order of the machine (packet(7),
PACKET_VNET_HDR).
"""

from __future__ import annotations

from struct import Struct

LENGTH = 10

_HEADER = Struct("=BBHHHH")

NEEDS_CHECKSUM, DATA_VALID = 1, 2
SEGMENT_NONE, SEGMENT_TCP_V4, SEGMENT_TCP_V6 = 0, 1, 4

#: A whole frame that has its checksums.
PLAIN = bytes(LENGTH)


def is_verified(header: bytes | memoryview) -> bool:
    """Whether the transport checksum needs no look: it was verified, or never written."""
    return bool(header[0] & (NEEDS_CHECKSUM | DATA_VALID))


def segmented(
    version: int, *, headers: int, size: int, checksum_start: int, checksum_offset: int
) -> bytes:
    """A TCP segment to be cut into payloads of ``size`` and summed up.

    ``headers`` is the length of all headers of the frame, ``checksum_start`` where that of TCP
    starts in it, ``checksum_offset`` where it has its checksum.
    """
    kind = SEGMENT_TCP_V4 if version == 4 else SEGMENT_TCP_V6
    return _HEADER.pack(NEEDS_CHECKSUM, kind, headers, size, checksum_start, checksum_offset)
