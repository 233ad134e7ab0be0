"""Blocks of a capture ring, as the kernel hands them over, to blocks of a pcapng file.

This runs for every packet: the loop calls as little as it can, and what depends only on a frame's
length is made once for each length. Layout: linux/if_packet.h, TPACKET_V3.
"""

from __future__ import annotations

from functools import cache
from struct import Struct

from netlab.collect.watch import changes_state
from netlab.wire import pcapng

#: tpacket_block_desc: version, offset of private area; then status, packet count, first packet, and
#: how many bytes of the block are used.
BLOCK = Struct("IIIIII")

#: tpacket3_hdr: next, sec, nsec, captured length, length, status, mac offset.
_PACKET = Struct("IIIIIIH")

#: sockaddr_ll follows the 48 bytes of tpacket3_hdr; its pkttype is at 10.
_PKTTYPE = 48 + 10
_PACKET_OUTGOING = 4

#: Where an Ethernet frame names the protocol above IPv4 and above IPv6.
_IPV4_PROTOCOL, _IPV6_NEXT_HEADER, _TCP = 23, 20, 6


def first_stamp(block: bytes) -> int:
    """When the first packet was captured, ns since 1970."""
    _, _, _, count, position, _ = BLOCK.unpack_from(block)
    if not count:
        return 0
    _, seconds, nanoseconds, *_ = _PACKET.unpack_from(block, position)
    return int(seconds) * 1_000_000_000 + int(nanoseconds)


def as_pcapng(block: bytes, interface: int, shift: int = 0) -> tuple[list[bytes], bool]:
    """The pieces of enhanced packet blocks, and whether a TCP state changed.

    ``interface`` is the number of the ring's interface in the file; ``shift`` is added to the
    kernel's stamps, in ns.
    """
    _, _, _, count, position, _ = BLOCK.unpack_from(block)
    unpack, start_of, end_of = _PACKET.unpack_from, pcapng.PACKET_START.pack, _end
    kind = pcapng.ENHANCED_PACKET
    pieces: list[bytes] = []
    add = pieces.append
    changed = False
    for _ in range(count):
        following, seconds, nanoseconds, captured, length, _, mac = unpack(block, position)
        t = seconds * 1_000_000_000 + nanoseconds + shift
        start = position + mac
        total, end = end_of(captured, block[position + _PKTTYPE] == _PACKET_OUTGOING)
        add(start_of(kind, total, interface, t >> 32, t & 0xFFFFFFFF, captured, length))
        add(block[start : start + captured])
        add(end)
        if not changed and captured > _IPV4_PROTOCOL:
            is_tcp = _TCP in (block[start + _IPV4_PROTOCOL], block[start + _IPV6_NEXT_HEADER])
            changed = is_tcp and changes_state(block[start : start + captured])
        position += following
    return pieces, changed


@cache
def _end(captured: int, outbound: bool) -> tuple[int, bytes]:
    """The length of the whole pcapng block, and what follows the frame in it."""
    return pcapng.packet_end(captured, outbound=outbound)
