from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from netlab.fabric.rings import BUDGET, FEWEST_BLOCKS, MOST, ring_size
from netlab.testing import plans
from netlab.topology.plan import Node, Offload

PAGE = 4096


def node_of(mtu: int, offload: Offload = Offload.WIRE) -> Node:
    node = plans.two_hosts().node("c1")
    interface = replace(node.interfaces[0], mtu=mtu, offload=offload)
    return replace(node, interfaces=(interface,))


def test_a_small_lab_gets_the_largest_rings():
    size, blocks = ring_size(node_of(1500), 2)
    assert size * blocks == MOST


def test_a_large_lab_shares_the_budget():
    size, blocks = ring_size(node_of(1500), 1024)
    assert size * blocks * 1024 == BUDGET


def test_a_ring_never_vanishes():
    assert ring_size(node_of(1500), 100_000)[1] == FEWEST_BLOCKS


def test_a_node_without_interfaces_has_a_size_too():
    size, blocks = ring_size(replace(node_of(1500), interfaces=()), 0)
    assert size * blocks == MOST


def test_a_fast_link_carries_segments_longer_than_its_mtu():
    assert ring_size(node_of(1500, Offload.FAST), 2)[0] > 64 << 10


@given(mtu=st.integers(68, 65_535), interfaces=st.integers(1, 5000))
def test_a_block_is_what_the_kernel_takes_and_holds_the_largest_frame(mtu: int, interfaces: int):
    """linux/net/packet/af_packet.c: whole pages."""
    size, blocks = ring_size(node_of(mtu), interfaces)
    assert size % PAGE == 0
    assert size >= mtu + 14 + 48 + 68  # Ethernet header, block and packet headers of TPACKET_V3
    assert blocks >= FEWEST_BLOCKS
