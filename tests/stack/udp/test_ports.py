"""Which socket a datagram is for: the local two numbers, and the peer's where one is connected."""

from __future__ import annotations

import errno
import os

import pytest

from netlab.stack.udp.settings import UdpSettings
from netlab.stack.udp.socket import UdpSocket
from netlab.testing.network import Network
from netlab.wire.address import from_text

A, A2, B, ANY = map(from_text, ("10.0.0.1", "10.0.0.11", "10.0.0.2", "0.0.0.0"))
ANY6, A6 = bytes(16), from_text("fd00::1")


class Bench:
    """A host with two addresses, and its peer."""

    def __init__(self) -> None:
        self.network = Network()
        self.network.link("a 10.0.0.1/24 10.0.0.11/24 fd00::1/64", "b 10.0.0.2/24")
        self.network.settle()
        self.host = self.network.hosts["a"]

    def bound(self, address: bytes = ANY, port: int = 7, **settings: bool) -> UdpSocket:
        socket = self.host.udp.socket(v6=len(address) == 16, settings=UdpSettings(**settings))  # type: ignore[arg-type]
        socket.bind(address, port)
        return socket

    def find(self, local: bytes = A, port: int = 7, peer_port: int = 1500) -> UdpSocket | None:
        return self.host.udp.ports.find(local, port, B, peer_port)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def raises(number: int) -> pytest.RaisesExc[OSError]:
    return pytest.raises(OSError, match=f"^\\[Errno {number}\\] {os.strerror(number)}$")


def test_the_socket_that_says_most_takes_it(bench: Bench):
    later = bench.bound(port=8)
    wildcard = bench.bound(reuse_address=True)
    narrow = bench.bound(A, reuse_address=True)
    connected = bench.bound(A, reuse_address=True)
    connected.connect(B, 1500)
    assert bench.find(A2) is wildcard
    assert bench.find(A, peer_port=1501) is narrow
    assert bench.find(A) is connected
    connected.disconnect()
    assert bench.find(A) is connected  # bound last
    connected.close(0)
    assert bench.find(A) is narrow
    assert bench.find(A, port=9) is None
    assert list(bench.host.udp.ports) == [wildcard, narrow, later]


def test_who_bound_an_address_takes_it_from_who_bound_any_whoever_came_first(bench: Bench):
    narrow = bench.bound(A, reuse_address=True)
    wildcard = bench.bound(reuse_address=True)
    wide = bench.bound(ANY6, port=8)
    bench.bound(A6, port=9)
    assert bench.find(A) is narrow
    assert bench.find(A2) is wildcard
    assert bench.find(A, port=8) is wide
    assert bench.find(A, port=9) is None


def test_a_connected_socket_hears_only_its_peer(bench: Bench):
    socket = bench.bound()
    socket.connect(B, 1500)
    assert bench.find(peer_port=1500) is socket
    assert bench.find(peer_port=1501) is None
    socket.connect(B, 1501)
    assert bench.find(peer_port=1500) is None
    assert bench.find(peer_port=1501) is socket


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [
        (ANY, ANY, True),
        (ANY, A, True),
        (A, ANY, True),
        (A, A, True),
        (A, A2, False),
        (ANY6, ANY, True),  # it may take IPv4, too
        (ANY, ANY6, True),
        (A6, ANY, False),
        (ANY6, A6, True),
    ],
)
def test_an_address_and_port_belong_to_one_socket(
    bench: Bench, first: bytes, second: bytes, taken: bool
):
    bench.bound(first)
    if taken:
        with raises(errno.EADDRINUSE):
            bench.bound(second)
    else:
        bench.bound(second)


def test_a_socket_of_ipv6_alone_leaves_the_port_of_ipv4(bench: Bench):
    bench.bound(ANY6, only_v6=True)
    bench.bound(ANY)


def test_both_must_agree_to_share(bench: Bench):
    bench.bound(reuse_address=True)
    with raises(errno.EADDRINUSE):
        bench.bound()
    bench.bound(reuse_address=True)


def test_sharers_of_a_port_get_their_peers_each_time(bench: Bench):
    sockets = [bench.bound(reuse_port=True) for _ in range(4)]
    chosen = [bench.find(peer_port=port) for port in range(2000, 2100)]
    assert chosen == [bench.find(peer_port=port) for port in range(2000, 2100)]
    assert all(chosen.count(socket) > 5 for socket in sockets)


def test_an_address_must_be_ones_own(bench: Bench):
    with raises(errno.EADDRNOTAVAIL):
        bench.bound(B)
    socket = bench.bound(A)
    with raises(errno.EINVAL):
        socket.bind(A, 8)
    bench.bound(from_text("239.1.2.3"), 9)


def test_ephemeral_ports_are_unique_until_none_is_left(bench: Bench):
    bench.host.ports.ephemeral = range(50000, 50010)
    sockets = [bench.bound(port=0) for _ in range(10)]
    assert sorted(s.port for s in sockets) == list(range(50000, 50010))
    with raises(errno.EADDRINUSE):
        bench.bound(port=0)
    lost = bench.host.udp.socket()
    with raises(errno.EAGAIN):
        lost.send(0, b"x", B, 7)
    sockets[3].close(0)
    assert lost.send(0, b"x", B, 7) == 1
    assert lost.port == sockets[3].port


def test_a_socket_of_one_interface_takes_nothing_of_another(bench: Bench):
    socket = bench.bound()
    socket.interface = "eth0"
    ports = bench.host.udp.ports
    assert ports.find(A, 7, B, 1, "eth0") is socket
    assert ports.find(A, 7, B, 1, "eth1") is None
