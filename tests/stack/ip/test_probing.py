"""ARP and neighbour discovery about one's own addresses."""

from __future__ import annotations

import pytest

from netlab.stack.ip.counters import Counted
from netlab.stack.ip.events import AddressChanged
from netlab.testing.network import Network
from netlab.wire.address import from_text
from netlab.wire.arp import Arp, Operation
from netlab.wire.ethernet import Ethernet
from netlab.wire.packet import Packet

A4, A6 = from_text("10.0.0.1"), from_text("fd00::1")
LENGTH = {4: 24, 16: 64}


def a_link() -> Network:
    network = Network()
    network.link("a", "b")
    network.settle()
    return network


def changes(network: Network, name: str) -> list[AddressChanged]:
    events = iter(network.hosts[name].next_event, None)
    return [e for e in events if isinstance(e, AddressChanged)]


def questions(network: Network, where: str) -> list[Packet]:
    return [
        p
        for p in network.packets(where)
        if p.arp or (p.icmpv6 and p.icmpv6.name == "neighbor solicitation")
    ]


@pytest.mark.parametrize(("address", "asked"), [(A4, 5), (A6, 1)])
def test_an_address_that_nobody_has_is_used_after_a_while(address: bytes, asked: int):
    network = a_link()
    host = network.hosts["a"]
    host.ip.add_address(network.now, "eth0", address, LENGTH[len(address)], probe=True)
    assert not host.ip.sender.is_own(address)
    network.pass_(12)
    assert host.ip.sender.is_own(address)
    assert [c.state for c in changes(network, "a")] == ["preferred"]
    assert len(questions(network, "a")) == asked  # with RFC 5227's two announcements


@pytest.mark.parametrize("address", [A4, A6])
def test_an_address_that_somebody_has_is_not_used(address: bytes):
    network = a_link()
    network.hosts["b"].ip.add_address(network.now, "eth0", address, LENGTH[len(address)])
    late = network.hosts["a"]
    late.ip.add_address(network.now, "eth0", address, LENGTH[len(address)], probe=True)
    network.pass_(12)
    assert not late.ip.sender.is_own(address)
    assert [(c.state, c.rival) for c in changes(network, "a")] == [
        ("duplicated", network.hosts["b"].ip.interfaces["eth0"].mac)
    ]
    assert network.hosts["b"].ip.sender.is_own(address)


@pytest.mark.parametrize("address", [A4, A6])
def test_of_two_that_want_the_same_at_once_neither_gets_it_unnoticed(address: bytes):
    network = a_link()
    for name in ("a", "b"):
        network.hosts[name].ip.add_address(
            network.now, "eth0", address, LENGTH[len(address)], probe=True
        )
    network.pass_(12)
    owners = [n for n, host in network.hosts.items() if host.ip.sender.is_own(address)]
    assert len(owners) <= 1
    assert any(c.state == "duplicated" for n in network.hosts for c in changes(network, n))


def test_an_address_in_use_is_defended_but_not_more_than_once_in_ten_seconds():
    network = a_link()
    network.hosts["a"].ip.add_address(network.now, "eth0", A4, 24)
    for _ in range(5):
        network.hosts["b"].ip.arp.announce(network.hosts["b"].ip.interfaces["eth0"], A4)
        network.pass_(1)
    assert len(questions(network, "a")) == 1
    network.pass_(10)
    network.hosts["b"].ip.arp.announce(network.hosts["b"].ip.interfaces["eth0"], A4)
    network.pass_(1)
    assert len(questions(network, "a")) == 2


def test_a_removed_address_is_answered_for_no_longer():
    network = a_link()
    a, b = network.hosts["a"], network.hosts["b"]
    a.ip.add_address(network.now, "eth0", A4, 24)
    b.ip.add_address(network.now, "eth0", from_text("10.0.0.2"), 24)
    a.ip.remove_address(network.now, "eth0", A4)
    b.udp.socket().send(network.now, b"x", A4, 9)
    network.pass_(5)
    assert len(questions(network, "b")) == 3
    assert questions(network, "a") == []
    with pytest.raises(OSError, match="unreachable"):
        a.udp.socket().send(network.now, b"x", from_text("10.0.0.2"), 9)


def test_a_reply_whose_frame_is_from_somebody_else_is_damaged():
    network = a_link()
    a = network.hosts["a"]
    a.ip.add_address(network.now, "eth0", A4, 24)
    own, peer = a.ip.interfaces["eth0"].mac, from_text("10.0.0.2")
    a.udp.socket().send(network.now, b"x", peer, 9)
    real, said = b"\x02\0\0\0\0\x42", b"\x02\0\x40\0\0\x42"
    for sender in (said, real):
        reply = Arp(Operation.REPLY, sender, peer, own, A4).emit()
        network.deliver("a", "eth0", Ethernet(own, real, 0x0806).emit(reply))
    neighbour = a.ip.interfaces["eth0"].neighbours.get(peer)
    assert neighbour is not None
    assert neighbour.mac == real
    assert a.counters[Counted.ARP_IN_ERRORS] == 1
