from __future__ import annotations

import random
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.agent.flood import syn
from netlab.wire import ipv4, ipv6, tcp


def request(sources: str, target: str = "10.0.0.1") -> dict[str, Any]:
    return {"sources": sources, "address": target, "port": 7, "seed": 1, "conn": "flood"}


@given(st.integers(0, 100_000), st.sampled_from(["10.1.0.0/16", "10.1.0.0/30", "10.1.0.5/32"]))
def test_every_syn_is_one_and_comes_from_the_subnet(index: int, sources: str):
    packet = syn(request(sources), index, random.Random(index))
    network, payload = ipv4.parse(packet)[:2]
    header, end = tcp.parse(packet, payload)
    source = int.from_bytes(network.source, "big")
    pool = ip_network(sources)
    assert source in range(int(pool[0]), int(pool[-1]) + 1)
    assert pool.num_addresses <= 2 or source not in {int(pool[0]), int(pool[-1])}
    assert (header.flags, header.destination_port, end) == (tcp.Flags.SYN, 7, len(packet))


def test_neighbours_in_the_flood_have_different_addresses():
    packets = [syn(request("10.1.0.0/24"), index, random.Random(1)) for index in range(254)]
    assert len({packet[12:16] for packet in packets}) == 254


def test_a_flood_over_ipv6():
    packet = syn(request("fd01::/64", "fd00::1"), 0, random.Random(1))
    network = ipv6.parse(packet)[0]
    assert network.source == ip_network("fd01::/64")[1].packed


def test_the_same_seed_sends_the_same_flood():
    one, other = (random.Random("7/flood") for _ in range(2))
    assert syn(request("10.1.0.0/16"), 3, one) == syn(request("10.1.0.0/16"), 3, other)


@pytest.mark.parametrize("sources", ["10.1.0.0/31", "10.1.0.1/32"])
def test_a_subnet_of_one_or_two_has_no_broadcast_address(sources: str):
    packet = syn(request(sources), 0, random.Random(1))
    assert packet[12:16] == ip_network(sources)[0].packed
