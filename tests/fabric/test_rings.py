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
    ring = ring_size(node_of(1500), 2)
    assert ring.block_size * ring.blocks == MOST


def test_a_large_lab_shares_the_budget():
    ring = ring_size(node_of(1500), 1024)
    assert ring.block_size * ring.blocks * 1024 == BUDGET


def test_a_ring_never_vanishes():
    assert ring_size(node_of(1500), 100_000).blocks == FEWEST_BLOCKS


def test_a_node_without_interfaces_has_a_size_too():
    ring = ring_size(replace(node_of(1500), interfaces=()), 0)
    assert ring.block_size * ring.blocks == MOST


@given(interfaces=st.integers(1, 5000))
def test_the_timers_of_all_rings_together_leave_the_processor_alone(interfaces: int):
    """Each fires once a handover; a thousand at the pace of two would be 60,000 a second."""
    ring = ring_size(node_of(1500), interfaces)
    assert interfaces / (ring.handover_ms / 1000) < 10_000


def test_a_small_lab_hears_of_its_packets_at_once():
    assert ring_size(node_of(1500), 100).handover_ms == 16


def test_a_fast_link_carries_segments_longer_than_its_mtu():
    assert ring_size(node_of(1500, Offload.FAST), 2).block_size > 64 << 10


@given(mtu=st.integers(68, 65_535), interfaces=st.integers(1, 5000))
def test_a_block_is_what_the_kernel_takes_and_holds_the_largest_frame(mtu: int, interfaces: int):
    """linux/net/packet/af_packet.c: whole pages."""
    ring = ring_size(node_of(mtu), interfaces)
    assert ring.block_size % PAGE == 0
    assert (
        ring.block_size >= mtu + 14 + 48 + 68
    )  # Ethernet header, block and packet headers of TPACKET_V3
    assert ring.blocks >= FEWEST_BLOCKS
