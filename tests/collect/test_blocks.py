from __future__ import annotations

import io
import struct
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from netlab.collect.blocks import as_pcapng, first_stamp
from netlab.collect.watch import changes_state
from netlab.wire import ipv4, ipv6, pcapng, tcp
from netlab.wire.ethernet import Ethernet
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.pcapng import Frame
from netlab.wire.tcp import Flags, Tcp


@dataclass(frozen=True)
class Packet:
    t: int
    data: bytes
    outbound: bool
    cut: int = 0  # bytes that the capture left out


def block(*packets: Packet) -> bytes:
    """As the kernel lays out a TPACKET_V3 block: each packet at a multiple of 16 bytes."""
    made = bytearray(48)
    mac = 82
    for number, each in enumerate(packets):
        size = -(-(mac + len(each.data)) // 16) * 16
        header = struct.pack(
            "IIIIIIH",
            *(size if number < len(packets) - 1 else 0, each.t // 10**9, each.t % 10**9),
            *(len(each.data), len(each.data) + each.cut, 0, mac),
        )
        slot = bytearray(header.ljust(size, b"\xee"))
        slot[58] = 4 if each.outbound else 0
        slot[mac : mac + len(each.data)] = each.data
        made += slot
    struct.pack_into("IIIIII", made, 0, 1, 0, 1, len(packets), 48, len(made))
    return bytes(made)


def read_back(pieces: list[bytes]) -> list[Packet]:
    head = pcapng.section_header() + pcapng.interface_description("a:eth0")
    read = pcapng.read(io.BytesIO(head + b"".join(pieces)))
    return [
        Packet(each.t, each.data, bool(each.outbound), each.length - len(each.data))
        for each in read
        if isinstance(each, Frame)
    ]


PACKETS = st.builds(
    Packet,
    t=st.integers(0, 2**31 * 10**9),
    data=st.binary(max_size=100),
    outbound=st.booleans(),
    cut=st.integers(0, 9000),
)


@given(st.lists(PACKETS, max_size=8))
def test_a_block_of_the_ring_is_in_the_file_as_it_was(packets: list[Packet]):
    pieces, _ = as_pcapng(block(*packets), 0)
    assert read_back(pieces) == packets


@given(st.lists(PACKETS, min_size=1, max_size=4), st.integers(-(10**9), 10**9))
def test_a_clock_that_was_set_moves_the_stamps_back(packets: list[Packet], shift: int):
    packets = [replace(packet, t=packet.t + 10**9) for packet in packets]
    assert first_stamp(block(*packets)) == packets[0].t
    pieces, _ = as_pcapng(block(*packets), 0, shift)
    assert [each.t for each in read_back(pieces)] == [packet.t + shift for packet in packets]


def segment(flags: Flags, *, six: bool) -> Packet:
    source, destination = (bytes(16), bytes(16)) if six else (bytes(4), bytes(4))
    payload = Tcp(1, 2, 0, 0, flags, 100).emit(b"", source, destination)
    header = Ipv6 if six else Ipv4
    packet = header(source, destination, tcp.PROTOCOL).emit(payload)
    kind = ipv6.ETHERTYPE if six else ipv4.ETHERTYPE
    return Packet(0, Ethernet(bytes(6), bytes(6), kind).emit(packet), outbound=True)


SEGMENTS = st.builds(
    segment, st.sampled_from([Flags.SYN, Flags.ACK, Flags.FIN, Flags.RST]), six=st.booleans()
)


@given(st.lists(PACKETS | SEGMENTS, max_size=6))
def test_it_tells_of_segments_that_change_a_state(packets: list[Packet]):
    _, changed = as_pcapng(block(*packets), 0)
    assert changed is any(changes_state(packet.data) for packet in packets)
