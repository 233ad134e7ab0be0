from __future__ import annotations

from itertools import pairwise

import pytest

from netlab.stack.ip.events import AddressChanged, RouteChanged
from netlab.stack.ip.interface import AddressState
from netlab.stack.ip.nd import transmit
from netlab.testing.network import Network
from netlab.wire.address import from_text, to_text
from netlab.wire.router_advertisement import Prefix, RouterAdvertisement

PREFIX, ALL = from_text("fd99::"), from_text("ff02::1")
MADE = from_text("fd99::ff:fe00:1")  # of a's MAC address 02:00:00:00:00:01
FAR = from_text("fd77::1")


def a_link() -> Network:
    network = Network()
    network.add("r", is_router=True)
    network.link("a", "r", "r2")
    interface = network.hosts["a"].ip.interfaces["eth0"]
    interface.accepts_advertisements = True
    network.settle()
    return network


def say(network: Network, advertisement: RouterAdvertisement) -> None:
    """An advertisement of r's that nobody asked for."""
    on = network.hosts["r"].ip.interfaces["eth0"]
    source = on.link_local
    assert source is not None
    transmit(on, source, ALL, advertisement.message(), from_text("33:33:00:00:00:01"))
    network.pass_(0.01)


def test_a_host_asks_a_router_answers_and_both_ways_open():
    network = a_link()
    r, a = network.hosts["r"], network.hosts["a"]
    advertisement = RouterAdvertisement(hop_limit=99, prefixes=(Prefix(PREFIX, 64),), mtu=1400)
    r.ip.routers.advertise(network.now, r.ip.interfaces["eth0"], advertisement)
    network.settle()
    a.ip.routers.solicit(network.now, a.ip.interfaces["eth0"])
    network.pass_(5)
    names = [p.icmpv6.name for p in network.packets() if p.icmpv6]
    assert names[:2] == ["router solicitation", "router advertisement"]
    assert names.count("router solicitation") == 1
    assert a.ip.sender.is_own(MADE)
    assert a.ip.sender.source_for(FAR) == MADE
    way = a.ip.sender.way(FAR)
    assert way.next_hop == r.ip.interfaces["eth0"].link_local
    assert way.mtu == 1400
    assert a.ip.sender.hop_limit(FAR) == 99
    assert all(p.problems == () for p in network.packets())


def test_nobody_answers_three_solicitations():
    network = a_link()
    a = network.hosts["a"]
    a.ip.routers.solicit(network.now, a.ip.interfaces["eth0"])
    network.pass_(60)
    assert len([p for p in network.packets() if p.icmpv6]) == 3


def test_a_router_repeats_itself_soon_and_then_seldom():
    network = a_link()
    r = network.hosts["r"]
    r.ip.routers.advertise(network.now, r.ip.interfaces["eth0"], RouterAdvertisement())
    network.pass_(1300)
    times = [s.at // 1_000_000_000 for s in network.seen if s.where == "r:eth0"]
    gaps = [after - before for before, after in pairwise(times)]
    assert gaps[:2] == [16, 16]
    assert all(199 <= gap <= 601 for gap in gaps[2:])
    r.ip.routers.advertise(network.now, r.ip.interfaces["eth0"], None)
    network.pass_(0.1)
    with pytest.raises(OSError, match="unreachable"):
        network.hosts["a"].ip.sender.way(FAR)


def test_a_host_that_does_not_listen_learns_nothing():
    network = a_link()
    network.hosts["a"].ip.interfaces["eth0"].accepts_advertisements = False
    say(network, RouterAdvertisement(prefixes=(Prefix(PREFIX, 64),)))
    with pytest.raises(OSError, match="unreachable"):
        network.hosts["a"].ip.sender.way(FAR)


def test_routes_and_addresses_age():
    network = a_link()
    a = network.hosts["a"]
    prefix = Prefix(PREFIX, 64, valid=10_000, preferred=100)
    say(network, RouterAdvertisement(lifetime=50, prefixes=(prefix,)))
    network.pass_(49)
    assert a.ip.sender.is_own(MADE)
    assert a.ip.sender.way(FAR).route is not None
    network.pass_(2)
    with pytest.raises(OSError, match="unreachable"):
        a.ip.sender.way(FAR)
    network.pass_(60)
    assert a.ip.interfaces["eth0"].assigned[MADE].state is AddressState.DEPRECATED
    network.pass_(9_900)
    assert MADE not in a.ip.interfaces["eth0"].assigned
    events = list(iter(a.next_event, None))
    states = [e.state for e in events if isinstance(e, AddressChanged) and e.address == MADE]
    assert states == ["preferred", "deprecated", "removed"]
    routes = [(to_text(e.prefix), e.is_added) for e in events if isinstance(e, RouteChanged)]
    assert routes == [("::", True), ("fd99::", True), ("::", False), ("fd99::", False)]


def test_one_advertisement_cannot_take_an_address_away_within_two_hours():
    network = a_link()
    on = network.hosts["a"].ip.interfaces["eth0"]
    say(network, RouterAdvertisement(prefixes=(Prefix(PREFIX, 64, valid=100_000, preferred=9),)))
    say(network, RouterAdvertisement(prefixes=(Prefix(PREFIX, 64, valid=1, preferred=1),)))
    until = on.assigned[MADE].valid_until
    assert until is not None
    assert round((until - network.now) / 1e9) == 7200


@pytest.mark.parametrize(
    "prefix",
    [
        Prefix(from_text("fe80::"), 64),
        Prefix(from_text("ff02::"), 64),
        Prefix(PREFIX, 48, on_link=False),
        Prefix(PREFIX, 64, valid=10, preferred=20),
        Prefix(PREFIX, 64, valid=0, preferred=0),
        Prefix(PREFIX, 200),
    ],
)
def test_prefixes_of_which_no_address_is_made(prefix: Prefix):
    network = a_link()
    before = set(network.hosts["a"].ip.interfaces["eth0"].assigned)
    say(network, RouterAdvertisement(prefixes=(prefix,)))
    assert set(network.hosts["a"].ip.interfaces["eth0"].assigned) == before


def test_a_flood_of_prefixes_makes_a_bounded_number_of_addresses_and_routes():
    network = a_link()
    for number in range(200):
        prefix = Prefix(b"\xfd" + number.to_bytes(7, "big") + bytes(8), 64)
        say(network, RouterAdvertisement(prefixes=(prefix,)))
    ip = network.hosts["a"].ip
    assert len(ip.interfaces["eth0"].assigned) == 16
    assert len(list(ip.routes)) < 100
