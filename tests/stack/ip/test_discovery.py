"""What a program of TCP asks for where a link in the middle of the path is narrow (ip(7))."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.stack.api import stream_options
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.ip.routes import Route
from netlab.stack.tcp.settings import DEFAULT
from netlab.testing.network import Network
from netlab.wire.address import from_text

SIZE = 20_000
B = {4: from_text("10.0.2.2"), 6: from_text("fd00:2::2")}
BOTH = pytest.mark.parametrize("version", [4, 6])


def a_path() -> Network:
    """a -- r1 -- r2 -- b, of which the link between the routers carries 1300 bytes."""
    network = Network()
    for name in ("r1", "r2"):
        network.add(name, is_router=True)
    network.link("a 10.0.0.1/24 fd00::1/64", "r1 10.0.0.254/24 fd00::fe/64")
    network.link("r1 10.0.1.1/24 fd00:1::1/64", "r2 10.0.1.2/24 fd00:1::2/64", mtu=1300)
    network.link("r2 10.0.2.254/24 fd00:2::fe/64", "b 10.0.2.2/24 fd00:2::2/64")
    for name, interface, *gateways in (
        ("a", "eth0", "10.0.0.254", "fd00::fe"),
        ("r1", "eth1", "10.0.1.2", "fd00:1::2"),
        ("r2", "eth0", "10.0.1.1", "fd00:1::1"),
        ("b", "eth0", "10.0.2.254", "fd00:2::fe"),
    ):
        for gateway in map(from_text, gateways):
            route = Route(bytes(len(gateway)), 0, interface, gateway)
            network.hosts[name].ip.add_route(0, route)
    network.settle()
    return network


def arrived(
    network: Network, version: int, begins: PathMtuDiscovery, goes_on: PathMtuDiscovery
) -> int:
    """How much of 20000 bytes is at the other end after five seconds."""
    a, b = network.hosts["a"], network.hosts["b"]
    listener = b.tcp.listen(network.now, 80)
    settings = replace(DEFAULT, path_mtu_discovery=begins)
    client = a.tcp.connect(network.now, B[version], 80, settings=settings)
    network.pass_(0.1)
    stream_options.change(client, network.now, {"path_mtu_discovery": goes_on})
    server = listener.accept()
    client.send(network.now, bytes(SIZE))
    received = 0
    for _ in range(50):
        network.pass_(0.1)
        received += len(server.receive(network.now, 65_536)) if server.readable else 0
    return received


@BOTH
@pytest.mark.parametrize("discovery", [PathMtuDiscovery.WANT, PathMtuDiscovery.DO])
def test_a_connection_finds_what_the_path_carries(version: int, discovery: PathMtuDiscovery):
    network = a_path()
    assert arrived(network, version, discovery, discovery) == SIZE
    assert network.hosts["a"].ip.sender.mtu(B[version]) == 1300
    assert not network.hosts["r1"].counters[Counted.FRAGMENTED]


def test_without_df_the_router_fragments():
    network = a_path()
    assert arrived(network, 4, PathMtuDiscovery.DONT, PathMtuDiscovery.DONT) == SIZE
    assert network.hosts["a"].ip.sender.mtu(B[4]) == 1500
    assert network.hosts["b"].counters[Counted.REASSEMBLED] > 10


def test_ipv6_knows_no_such_routers():
    network = a_path()
    assert arrived(network, 6, PathMtuDiscovery.DONT, PathMtuDiscovery.DONT) == SIZE
    assert network.hosts["a"].ip.sender.mtu(B[6]) == 1300


@BOTH
def test_a_probe_believes_nobody_and_so_nothing_arrives(version: int):
    network = a_path()
    assert arrived(network, version, PathMtuDiscovery.PROBE, PathMtuDiscovery.PROBE) == 0


@BOTH
def test_a_program_may_change_its_mind(version: int):
    network = a_path()
    assert arrived(network, version, PathMtuDiscovery.PROBE, PathMtuDiscovery.WANT) == SIZE
    network = a_path()
    assert arrived(network, version, PathMtuDiscovery.WANT, PathMtuDiscovery.PROBE) == 0
