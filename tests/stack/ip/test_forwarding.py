"""A router between two hosts: what it passes on, and what it says about the rest."""

from __future__ import annotations

import pytest

from netlab.stack.host import Host
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.ip.events import PathMtuChanged
from netlab.stack.ip.routes import Route
from netlab.testing.network import Network
from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text
from netlab.wire.packet import Packet

A, B, R = map(from_text, ("10.0.0.1", "10.0.1.2", "10.0.0.254"))
A6, B6, R6 = map(from_text, ("fd00::1", "fd00:1::2", "fd00::fe"))
TO = {4: B, 6: B6}
BOTH = pytest.mark.parametrize("version", [4, 6])


def a_path(mtu: int = 1500) -> Network:
    """a -- r -- b, of which the second link carries ``mtu``."""
    network = Network()
    network.add("r", is_router=True)
    network.link("a 10.0.0.1/24 fd00::1/64", "r 10.0.0.254/24 fd00::fe/64")
    network.link("r 10.0.1.254/24 fd00:1::fe/64", "b 10.0.1.2/24 fd00:1::2/64", mtu=mtu)
    for name, v4, v6 in (("a", R, R6), ("b", "10.0.1.254", "fd00:1::fe")):
        for size, gateway in ((4, v4), (16, v6)):
            by = from_text(gateway) if isinstance(gateway, str) else gateway
            network.hosts[name].ip.add_route(0, Route(bytes(size), 0, "eth0", by))
    network.settle()
    return network


def send(
    network: Network,
    version: int,
    size: int = 100,
    *,
    hops: int | None = None,
    to: bytes | None = None,
    discovery: PathMtuDiscovery = PathMtuDiscovery.WANT,
) -> None:
    socket = network.hosts["a"].udp.socket(v6=version == 6)
    socket.settings.hop_limit = hops
    socket.settings.path_mtu_discovery = discovery
    socket.send(network.now, bytes(size), to or TO[version], 9)


def a_listener(host: Host, version: int) -> None:
    host.udp.socket(v6=version == 6).bind(bytes(4 if version == 4 else 16), 9)


def errors(network: Network, where: str) -> list[tuple[int, int]]:
    found = [p.icmp or p.icmpv6 for p in network.packets(where)]
    return [(m.type, m.code) for m in found if m is not None and m.is_error]


def datagrams(network: Network, where: str) -> list[Packet]:
    return [p for p in network.packets(where) if p.ip and not (p.icmp or p.icmpv6)]


def hops_of(packet: Packet) -> int:
    ip = packet.ip
    assert ip is not None
    return ip.ttl if ip.version == 4 else ip.hop_limit


@BOTH
def test_a_router_takes_one_hop(version: int):
    network = a_path()
    a_listener(network.hosts["b"], version)
    send(network, version)
    network.pass_(1)
    assert [hops_of(p) for p in datagrams(network, "a")] == [64]
    assert [hops_of(p) for p in datagrams(network, "r:eth1")] == [63]
    assert network.hosts["r"].counters[Counted.FORWARDED] == 1
    assert all(p.problems == () for p in network.packets())


@BOTH
def test_the_last_hop_says_so(version: int):
    network = a_path()
    send(network, version, hops=1)
    network.pass_(1)
    assert errors(network, "r:eth0") == [(11, 0) if version == 4 else (3, 0)]
    assert datagrams(network, "r:eth1") == []


def test_an_error_comes_from_where_the_datagram_came_in_over_ipv6_and_from_the_way_out_over_ipv4():
    network = a_path()
    network.link("a 10.0.9.1/24 fd00:9::1/64", "r 10.0.9.254/24 fd00:9::fe/64")
    for source, by in ((A, "10.0.9.1"), (A6, "fd00:9::1")):
        back = Route(source, 8 * len(source), "eth2", from_text(by))
        network.hosts["r"].ip.add_route(network.now, back)
    network.settle()
    for version in (4, 6):
        send(network, version, hops=1)
    network.pass_(1)
    told = [p.ip.source for p in network.packets("r:eth2") if p.ip and p.quoted]
    assert told == [from_text("10.0.9.254"), R6]


@BOTH
def test_nobody_knows_the_way(version: int):
    network = a_path()
    send(network, version, to=from_text("10.9.9.9" if version == 4 else "fd09::9"))
    network.pass_(1)
    assert errors(network, "r") == [(3, 0) if version == 4 else (1, 0)]


@BOTH
def test_nobody_is_there(version: int):
    network = a_path()
    send(network, version, to=from_text("10.0.1.77" if version == 4 else "fd00:1::77"))
    network.pass_(5)
    assert errors(network, "r:eth0") == [(3, 1) if version == 4 else (1, 3)]


@BOTH
def test_nobody_is_there_on_ones_own_link_either(version: int):
    network = a_path()
    socket = network.hosts["a"].udp.socket(v6=version == 6)
    socket.settings.hear_errors = True
    socket.connect(from_text("10.0.0.77" if version == 4 else "fd00::77"), 9)
    socket.send(network.now, b"x")
    network.pass_(5)
    assert errors(network, "") == []  # the host tells itself
    with pytest.raises(OSError, match="No route to host"):
        socket.receive()


def test_a_router_fragments_what_may_be():
    network = a_path(mtu=1000)
    a_listener(network.hosts["b"], 4)
    send(network, 4, 1400, discovery=PathMtuDiscovery.DONT)
    network.pass_(1)
    assert len(datagrams(network, "a")) == 1
    assert [p.ip.total_length for p in datagrams(network, "r:eth1") if p.ip] == [996, 452]
    assert network.hosts["b"].counters[Counted.UDP_IN] == 1


@BOTH
def test_the_path_mtu_is_found_and_kept(version: int):
    network = a_path(mtu=1300)
    a_listener(network.hosts["b"], version)
    for _ in range(2):
        send(network, version, 1400)
        network.pass_(1)
    message = next(p.icmp or p.icmpv6 for p in network.packets("r:eth0") if p.quoted)
    assert message is not None
    assert message.mtu == 1300
    assert network.hosts["a"].ip.sender.mtu(TO[version]) == 1300
    assert network.hosts["b"].counters[Counted.UDP_IN] == 1  # the second, in fragments
    changed = [
        e for e in iter(network.hosts["a"].next_event, None) if isinstance(e, PathMtuChanged)
    ]
    assert [(c.destination, c.mtu) for c in changed] == [(TO[version], 1300)]
    network.pass_(600)
    assert network.hosts["a"].ip.sender.mtu(TO[version]) == 1500


@BOTH
def test_a_connection_finds_the_path_mtu(version: int):
    network = a_path(mtu=1300)
    a, b = network.hosts["a"], network.hosts["b"]
    listener = b.tcp.listen(network.now, 80)
    client = a.tcp.connect(network.now, TO[version], 80)
    network.pass_(0.1)
    server = listener.accept()
    client.send(network.now, bytes(20_000))
    received = 0
    for _ in range(50):
        network.pass_(0.1)
        received += len(server.receive(network.now, 65536)) if server.readable else 0
    assert received == 20_000


def test_a_loop_ends():
    network = Network()
    for name in ("r1", "r2"):
        network.add(name, is_router=True)
    network.link("a 10.0.0.1/24", "r1 10.0.0.254/24")
    network.link("r1 10.0.9.1/24", "r2 10.0.9.2/24")
    network.hosts["a"].ip.add_route(0, Route(bytes(4), 0, "eth0", R))
    network.hosts["r1"].ip.add_route(0, Route(bytes(4), 0, "eth1", from_text("10.0.9.2")))
    network.hosts["r2"].ip.add_route(0, Route(bytes(4), 0, "eth0", from_text("10.0.9.1")))
    network.settle()
    send(network, 4, to=from_text("10.5.5.5"), hops=20)
    network.pass_(2)
    rounds = [hops_of(p) for p in network.packets() if p.udp]
    assert rounds == list(range(20, 0, -1))
    assert errors(network, "r") == [(11, 0)] * 2  # r2 says so, and r1 passes it on
    assert (icmp.Type.TIME_EXCEEDED, icmpv6.Type.TIME_EXCEEDED) == (11, 3)


def test_a_host_forwards_nothing():
    network = a_path()
    network.hosts["r"].ip.is_router = False
    send(network, 4)
    network.pass_(1)
    assert network.packets("r:eth1") == []
    assert network.hosts["r"].counters[Counted.IN_ADDRESS_ERRORS] == 1


def test_link_local_packets_stay_on_their_link():
    network = a_path()
    raw = network.hosts["a"].udp.socket(v6=True)
    raw.bind(network.hosts["a"].ip.interfaces["eth0"].link_local or b"", 1500)
    raw.send(network.now, b"x", B6, 9)
    network.pass_(1)
    assert datagrams(network, "r:eth1") == []
    assert errors(network, "r:eth0") == [(1, 2)]


def test_a_damaged_header_is_dropped_in_silence():
    network = a_path()
    send(network, 4)
    network.pass_(1)
    frame = bytearray(next(s.frame for s in network.seen if s.packet.udp))
    frame[14 + 8] ^= 1  # the TTL
    before = len(network.packets("r"))
    network.deliver("r", "eth0", bytes(frame))
    network.pass_(1)
    assert len(network.packets("r")) == before
    assert network.hosts["r"].counters[Counted.IN_CHECKSUM_ERRORS] == 1


def test_a_host_with_two_links_knows_on_which_one_a_link_local_neighbour_is():
    network = a_path()
    router, a = network.hosts["r"], network.hosts["a"]
    own = a.ip.interfaces["eth0"].link_local
    there = router.ip.interfaces["eth0"].link_local
    assert own is not None
    assert there is not None
    reader = router.udp.socket(v6=True)
    reader.bind(bytes(16), 7)
    a.udp.socket(v6=True).send(network.now, b"x", there, 7)
    network.pass_(1)
    asked = reader.receive()
    assert asked is not None
    assert asked.source == own
    reader.send(network.now, b"y", own, asked.source_port)
    with pytest.raises(OSError, match="Invalid argument"):
        reader.send(network.now, b"y", from_text("fe80::77"), 7)


def test_a_link_that_is_down_has_no_routes_until_it_is_up():
    network = a_path()
    network.hosts["r"].ip.set_up(network.now, "eth1", is_up=False)
    send(network, 4)
    network.pass_(1)
    assert errors(network, "r:eth0") == [(3, 0)]
    network.hosts["r"].ip.set_up(network.now, "eth1", is_up=True)
    send(network, 4)
    network.pass_(1)
    assert len(datagrams(network, "r:eth1")) == 1
