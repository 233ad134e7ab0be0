"""UDP sockets as programs meet them."""

from __future__ import annotations

import errno
import os

import pytest

from netlab.stack.ip.counters import Counted
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.udp.events import DatagramReady, ErrorPending
from netlab.stack.udp.settings import UdpSettings
from netlab.stack.udp.socket import MAX_ERRORS, UdpSocket
from netlab.testing.network import Network
from netlab.wire.address import from_text
from netlab.wire.ethernet import Ethernet
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.udp import Udp

A, B, C = map(from_text, ("10.0.0.1", "10.0.0.2", "10.0.0.3"))
A6, B6 = from_text("fd00::1"), from_text("fd00::2")
G4, G6 = from_text("239.1.2.3"), from_text("ff15::7")
BROADCAST = from_text("10.0.0.255")


def a_link() -> Network:
    network = Network()
    network.link("a 10.0.0.1/24 fd00::1/64", "b 10.0.0.2/24 fd00::2/64", "c 10.0.0.3/24 fd00::3/64")
    network.settle()
    return network


def bound(network: Network, name: str, port: int, *, v6: bool = False) -> UdpSocket:
    socket = network.hosts[name].udp.socket(v6=v6)
    socket.bind(bytes(16 if v6 else 4), port)
    return socket


def raises(number: int) -> pytest.RaisesExc[OSError]:
    return pytest.raises(OSError, match=f"^\\[Errno {number}\\] {os.strerror(number)}$")


def test_two_sends_are_two_receives():
    network = a_link()
    reader, writer = bound(network, "b", 7), network.hosts["a"].udp.socket()
    writer.send(network.now, b"Hello1", B, 7)
    writer.send(network.now, b"Hello2", B, 7)
    network.run()
    assert [d.data for d in iter(reader.receive, None)] == [b"Hello1", b"Hello2"]


def test_a_short_buffer_loses_the_rest():
    network = a_link()
    reader = bound(network, "b", 7)
    network.hosts["a"].udp.socket().send(network.now, b"0123456789", B, 7)
    network.run()
    peeked, taken = reader.receive(4, peek=True), reader.receive(4)
    assert peeked == taken
    assert taken is not None
    assert (taken.data, taken.length, taken.is_truncated) == (b"0123", 10, True)
    assert reader.receive() is None


def test_a_connected_socket_hears_of_a_dead_port_at_its_next_call_and_once():
    network = a_link()
    socket = network.hosts["a"].udp.socket()
    socket.connect(B, 9)
    socket.send(network.now, b"x")
    network.run()
    events = list(iter(network.hosts["a"].next_event, None))
    assert [e for e in events if isinstance(e, ErrorPending)] == [ErrorPending(socket)]
    with pytest.raises(ConnectionRefusedError):
        socket.receive()
    assert socket.receive() is None
    assert socket.send(network.now, b"x") == 1


def test_an_unconnected_socket_hears_nothing_unless_it_asks():
    network = a_link()
    plain, asking = (network.hosts["a"].udp.socket() for _ in range(2))
    asking.settings.hear_errors = True
    for socket in (plain, asking):
        socket.send(network.now, b"x", B, 9)
    network.run()
    assert plain.receive() is None
    (heard,) = asking.errors
    assert (heard.errno, heard.destination, heard.port) == (errno.ECONNREFUSED, B, 9)
    assert heard.offender == B


def test_the_error_queue_is_bounded():
    network = a_link()
    socket = network.hosts["a"].udp.socket()
    socket.settings.hear_errors = True
    for _ in range(MAX_ERRORS + 5):
        socket.take_error()
        socket.send(network.now, b"x", B, 9)
        network.pass_(1.1)
    assert len(socket.errors) == MAX_ERRORS


@pytest.mark.parametrize(("to", "most"), [(B, 65507), (B6, 65527)])
def test_more_than_a_datagram_holds_is_too_long(to: bytes, most: int):
    network = a_link()
    v6 = len(to) == 16
    reader = bound(network, "b", 7, v6=v6)
    socket = network.hosts["a"].udp.socket(v6=v6)
    with raises(errno.EMSGSIZE):
        socket.send(network.now, bytes(most + 1), to, 7)
    network.run()
    assert network.packets() == []
    socket.send(network.now, bytes(most), to, 7)  # its first fragments wait for the neighbour
    network.run()
    socket.send(network.now, bytes(most), to, 7)
    network.run()
    taken = reader.receive(1 << 20)
    assert taken is not None
    assert taken.length == most


def test_a_small_budget_is_enobufs():
    network = a_link()
    socket = network.hosts["a"].udp.socket(settings=UdpSettings(send_buffer=1000))
    with raises(errno.ENOBUFS):
        socket.send(network.now, bytes(2001), B, 7)
    assert socket.send(network.now, bytes(2000), B, 7) == 2000


@pytest.mark.parametrize("asks", [False, True])
def test_a_full_device_queue_drops_and_says_so_to_who_asks(asks: bool):
    network = a_link()
    socket = network.hosts["a"].udp.socket()
    socket.send(network.now, b"x", B, 7)
    network.run()
    socket.settings.hear_errors = asks
    for _ in range(1000):
        socket.send(network.now, b"x", B, 7)
    if asks:
        with raises(errno.ENOBUFS):
            socket.send(network.now, b"x", B, 7)
    else:
        assert socket.send(network.now, b"x", B, 7) == 1
    assert network.hosts["a"].ip.interfaces["eth0"].dropped == 1


def test_who_may_not_fragment_is_told():
    network = a_link()
    socket = network.hosts["a"].udp.socket()
    socket.settings.path_mtu_discovery = PathMtuDiscovery.DO
    with raises(errno.EMSGSIZE):
        socket.send(network.now, bytes(1473), B, 7)
    socket.send(network.now, bytes(1472), B, 7)
    socket.settings.path_mtu_discovery = PathMtuDiscovery.DONT
    socket.send(network.now, bytes(100), B, 7)
    network.run()
    assert [p.ip.dont_fragment for p in network.packets("a") if isinstance(p.ip, Ipv4)] == [
        True,
        False,
    ]


def test_a_full_receive_buffer_drops_and_counts():
    network = a_link()
    reader = bound(network, "b", 7)
    reader.settings.receive_buffer = 5000
    socket = network.hosts["a"].udp.socket()
    for _ in range(10):
        socket.send(network.now, bytes(1000), B, 7)
        network.run()
    assert len(list(iter(reader.receive, None))) == 3
    assert reader.dropped == 7
    assert network.hosts["b"].counters[Counted.UDP_BUFFER_ERRORS] == 7
    socket.send(network.now, bytes(1000), B, 7)
    network.run()
    assert reader.receive() is not None


def deliver(network: Network, source: bytes, destination: bytes, message: bytes) -> None:
    ip = Ipv4(source, destination, 17) if len(source) == 4 else Ipv6(source, destination, 17)
    mac = network.hosts["b"].ip.interfaces["eth0"].mac
    kind = 0x0800 if len(source) == 4 else 0x86DD
    network.deliver("b", "eth0", Ethernet(mac, b"\x02\0\0\0\0\1", kind).emit(ip.emit(message)))


@pytest.mark.parametrize(("source", "to", "taken"), [(A, B, True), (A6, B6, False)])
def test_a_checksum_of_zero_is_none_which_only_ipv4_allows(source: bytes, to: bytes, taken: bool):
    network = a_link()
    reader = bound(network, "b", 7, v6=len(to) == 16)
    deliver(network, source, to, Udp(5, 7).emit(b"x", source, to, has_checksum=False))
    assert (reader.receive() is not None) is taken
    assert network.hosts["b"].counters[Counted.UDP_CHECKSUM_ERRORS] == (0 if taken else 1)


@pytest.mark.parametrize("to", [B, B6])
def test_a_socket_may_leave_its_checksum_out(to: bytes):
    network = a_link()
    settings = UdpSettings(checksum=False)
    socket = network.hosts["a"].udp.socket(v6=len(to) == 16, settings=settings)
    socket.send(network.now, b"x", to, 7)
    network.run()
    assert [p.udp.checksum for p in network.packets("a") if p.udp] == [0]


def test_a_damaged_datagram_is_dropped_in_silence():
    network = a_link()
    reader = bound(network, "b", 7)
    message = bytearray(Udp(5, 7).emit(b"x", A, B))
    message[-1] ^= 1
    deliver(network, A, B, bytes(message))
    deliver(network, A, B, Udp(5, 7).emit(b"long", A, B)[:-2])
    network.run()
    assert reader.receive() is None
    assert network.packets() == []
    assert network.hosts["b"].counters[Counted.UDP_CHECKSUM_ERRORS] == 1
    assert network.hosts["b"].counters[Counted.UDP_IN_ERRORS] == 1


def test_broadcast_needs_leave_and_reaches_everybody_on_the_link():
    network = a_link()
    readers = [bound(network, name, 7) for name in ("a", "b", "c")]
    socket = network.hosts["a"].udp.socket()
    with raises(errno.EACCES):
        socket.send(network.now, b"x", BROADCAST, 7)
    socket.settings.broadcast = True
    socket.send(network.now, b"x", BROADCAST, 7)
    network.run()
    taken = [reader.receive() for reader in readers]
    assert [t and t.destination for t in taken] == [BROADCAST] * 3


@pytest.mark.parametrize("group", [G4, G6])
def test_a_group_reaches_its_members_alone(group: bytes):
    network = a_link()
    v6 = len(group) == 16
    readers = [bound(network, name, 7, v6=v6) for name in ("a", "b", "c")]
    readers[0].join(network.now, group, "eth0")
    readers[1].join(network.now, group, "eth0")
    socket = network.hosts["a"].udp.socket(v6=v6)
    with raises(errno.ENETUNREACH):
        socket.send(network.now, b"x", group, 7)
    socket.settings.multicast_interface = "eth0"
    socket.send(network.now, b"x", group, 7)
    network.run()
    assert [r.receive() is not None for r in readers] == [True, True, False]
    socket.settings.multicast_loop = False
    readers[1].leave(network.now, group, "eth0")
    socket.send(network.now, b"x", group, 7)
    network.run()
    assert [r.receive() for r in readers] == [None, None, None]
    hops = [
        p.ip.ttl if isinstance(p.ip, Ipv4) else p.ip.hop_limit
        for p in network.packets()
        if p.udp and p.ip
    ]
    assert hops == [1, 1]


def test_membership_is_of_a_socket_where_it_says_so():
    network = a_link()
    member, stranger, polite = (network.hosts["b"].udp.socket() for _ in range(3))
    for socket in (member, stranger, polite):
        socket.settings.reuse_address = True
        socket.bind(bytes(4), 7)
    polite.settings.multicast_all = False
    member.join(network.now, G4, "eth0")
    with raises(errno.EADDRINUSE):
        member.join(network.now, G4, "eth0")
    with raises(errno.EINVAL):
        member.join(network.now, B, "eth0")
    with raises(errno.ENODEV):
        member.join(network.now, G4, "eth9")
    sender = network.hosts["a"].udp.socket(settings=UdpSettings(multicast_interface="eth0"))
    sender.send(network.now, b"x", G4, 7)
    network.run()
    assert [s.receive() is not None for s in (member, stranger, polite)] == [True, True, False]
    member.close(network.now)
    assert G4 not in network.hosts["b"].ip.interfaces["eth0"].groups


def test_a_socket_of_ipv6_speaks_ipv4_by_mapped_addresses():
    network = a_link()
    reader = bound(network, "b", 7, v6=True)
    mapped = bytes(10) + b"\xff\xff"
    network.hosts["a"].udp.socket(v6=True).send(network.now, b"x", mapped + B, 7)
    network.run()
    taken = reader.receive()
    assert taken is not None
    assert (taken.source, taken.destination) == (mapped + A, mapped + B)
    only = network.hosts["a"].udp.socket(v6=True, settings=UdpSettings(only_v6=True))
    with raises(errno.ENETUNREACH):
        only.send(network.now, b"x", mapped + B, 7)
    with raises(errno.EAFNOSUPPORT):
        only.send(network.now, b"x", B, 7)


def test_a_datagram_to_oneself_never_leaves():
    network = a_link()
    reader = bound(network, "a", 7)
    for to in (A, from_text("127.0.0.1")):
        network.hosts["a"].udp.socket().send(network.now, b"x", to, 7)
        network.run()
        taken = reader.receive()
        assert taken is not None
        assert taken.source == to
    assert network.packets() == []


def test_readiness_is_told_when_something_comes_to_an_empty_queue():
    network = a_link()
    reader = bound(network, "b", 7)
    socket = network.hosts["a"].udp.socket()
    for _ in range(3):
        socket.send(network.now, b"x", B, 7)
    network.run()
    assert udp_events(network, "b") == [DatagramReady(reader)]
    for _ in range(3):  # nobody takes the events meanwhile
        while reader.receive():
            pass
        socket.send(network.now, b"x", B, 7)
        network.run()
    assert udp_events(network, "b") == [DatagramReady(reader)]


def udp_events(network: Network, name: str) -> list[object]:
    events = iter(network.hosts[name].next_event, None)
    return [e for e in events if isinstance(e, DatagramReady | ErrorPending)]


def test_a_closed_socket_is_no_descriptor():
    network = a_link()
    socket = bound(network, "a", 7)
    socket.close(network.now)
    socket.close(network.now)
    with raises(errno.EBADF):
        socket.send(network.now, b"x", B, 7)
    assert bound(network, "a", 7).port == 7


def test_who_has_no_peer_must_say_where_to():
    network = a_link()
    socket = network.hosts["a"].udp.socket()
    with raises(errno.EDESTADDRREQ):
        socket.send(network.now, b"x")
    with raises(errno.EINVAL):
        socket.send(network.now, b"x", B, 0)
    with raises(errno.ENETUNREACH):
        socket.send(network.now, b"x", from_text("10.9.9.9"), 7)
    socket.interface = "eth9"
    with raises(errno.ENODEV):
        socket.send(network.now, b"x", B, 7)
