"""Neighbour discovery: what is answered, and what proves that no router was passed."""

from __future__ import annotations

import pytest

from netlab.stack.ip.counters import Counted
from netlab.testing.network import Network
from netlab.wire import icmpv6
from netlab.wire.address import from_text
from netlab.wire.ethernet import Ethernet
from netlab.wire.icmpv6 import Icmpv6, NdOption, Type
from netlab.wire.ipv6 import Ipv6
from netlab.wire.router_advertisement import RouterAdvertisement

A6, B6, ALL = map(from_text, ("fd00::1", "fd00::2", "ff02::1"))
NEAR, FAR = from_text("fe80::99"), from_text("fd00::99")
SOLICITED = from_text("ff02::1:ff00:2")
MAC = b"\x02\0\0\0\0\x99"
SOURCE = NdOption(1, MAC).emit()
TARGET = NdOption(2, MAC).emit()


def a_link() -> Network:
    network = Network()
    network.link("a 10.0.0.1/24 fd00::1/64", "b 10.0.0.2/24 fd00::2/64")
    network.hosts["b"].ip.interfaces["eth0"].accepts_advertisements = True
    network.settle()
    return network


def say(
    network: Network, message: Icmpv6, source: bytes = NEAR, to: bytes = B6, *, hops: int = 255
) -> None:
    mac = network.hosts["b"].ip.interfaces["eth0"].mac
    datagram = Ipv6(source, to, icmpv6.PROTOCOL, hops).emit(message.emit(b"", source, to))
    network.deliver("b", "eth0", Ethernet(mac, MAC, 0x86DD).emit(datagram))
    network.pass_(0.1)


def solicitation(target: bytes = B6, options: bytes = SOURCE, *, code: int = 0) -> Icmpv6:
    return Icmpv6(Type.NEIGHBOR_SOLICITATION, code, bytes(4), target + options)


def test_a_question_is_answered_and_who_asks_is_remembered():
    network = a_link()
    say(network, solicitation(), FAR)
    (answer,) = [p for p in network.packets("b") if p.icmpv6]
    assert answer.icmpv6 is not None
    assert answer.ethernet is not None
    assert answer.ip is not None
    assert answer.icmpv6.rest[0] == 0x60  # solicited, overrides; no router
    assert answer.icmpv6.target == B6
    assert answer.icmpv6.link_layer_address == network.hosts["b"].ip.interfaces["eth0"].mac
    assert (answer.ethernet.destination, answer.ip.destination) == (MAC, FAR)


def test_who_is_tentative_asks_from_nowhere_and_everybody_hears_the_answer():
    network = a_link()
    say(network, solicitation(options=b""), bytes(16), SOLICITED)
    (answer,) = [p for p in network.packets("b") if p.icmpv6]
    assert answer.ip is not None
    assert answer.ip.destination == ALL
    assert answer.icmpv6 is not None
    assert answer.icmpv6.rest[0] == 0x20


@pytest.mark.parametrize(
    ("message", "source", "to", "hops"),
    [
        (solicitation(), FAR, B6, 254),
        (solicitation(code=1), FAR, B6, 255),
        (solicitation(ALL), FAR, B6, 255),
        (solicitation(options=b"\x01\0" + bytes(6)), FAR, B6, 255),
        (solicitation(options=bytes(3)), FAR, B6, 255),
        (solicitation(), bytes(16), SOLICITED, 255),  # from nowhere, but with an address
        (solicitation(options=b""), bytes(16), B6, 255),  # from nowhere, but to one
        (Icmpv6(Type.NEIGHBOR_SOLICITATION, body=bytes(8)), FAR, B6, 255),
        (Icmpv6(136, 0, b"\x40\0\0\0", FAR + TARGET), FAR, ALL, 255),  # solicited by nobody
    ],
)
def test_what_is_not_valid_is_ignored(message: Icmpv6, source: bytes, to: bytes, hops: int):
    network = a_link()
    say(network, message, source, to, hops=hops)
    assert network.packets("b") == []
    assert network.hosts["b"].counters[Counted.ND_IN_ERRORS] == 1
    assert network.hosts["b"].ip.interfaces["eth0"].neighbours.get(FAR) is None


@pytest.mark.parametrize(("source", "hops"), [(NEAR, 64), (FAR, 255)])
def test_a_router_is_on_the_link_and_has_a_link_local_address(source: bytes, hops: int):
    network = a_link()
    say(network, RouterAdvertisement().message(), source, ALL, hops=hops)
    with pytest.raises(OSError, match="unreachable"):
        network.hosts["b"].ip.sender.way(from_text("fd77::1"))
    say(network, RouterAdvertisement().message(), NEAR, ALL)
    assert network.hosts["b"].ip.sender.way(from_text("fd77::1")).next_hop == NEAR


def test_other_peoples_addresses_are_not_answered_for():
    network = a_link()
    say(network, solicitation(from_text("fd00::77")), FAR, from_text("ff02::1:ff00:77"))
    say(network, solicitation(from_text("fd00::77")), FAR)
    assert network.packets("b") == []
