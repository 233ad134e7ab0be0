from __future__ import annotations

import pytest

from netlab.stack.ip.counters import Counted
from netlab.testing.network import Network
from netlab.wire import icmp
from netlab.wire.address import from_text
from netlab.wire.ethernet import BROADCAST, Ethernet
from netlab.wire.ipv4 import Ipv4
from netlab.wire.tcp import FLAGS, Tcp

A, B = from_text("10.0.0.1"), from_text("10.0.0.2")
A6, B6 = from_text("fd00::1"), from_text("fd00::2")


def two_hosts() -> Network:
    network = Network()
    network.link("a 10.0.0.1/24 fd00::1/64", "b 10.0.0.2/24 fd00::2/64")
    network.settle()
    return network


def test_a_datagram_goes_there_and_one_comes_back():
    network = two_hosts()
    client, server = network.hosts["a"].udp.socket(), network.hosts["b"].udp.socket()
    server.bind(bytes(4), 7)

    client.send(network.now, b"hello", B, 7)
    network.run()
    question = server.receive()
    assert question is not None
    assert (question.data, question.source) == (b"hello", A)
    server.send(network.now, b"HELLO", question.source, question.source_port)
    network.run()

    answer = client.receive()
    assert answer is not None
    assert (answer.data, answer.source, answer.source_port) == (b"HELLO", B, 7)
    names = ["arp" if p.arp else "udp" for p in network.packets()]
    assert names == ["arp", "arp", "udp", "udp"]


def test_the_same_over_ipv6():
    network = two_hosts()
    client = network.hosts["a"].udp.socket(v6=True)
    server = network.hosts["b"].udp.socket(v6=True)
    server.bind(bytes(16), 7)

    client.send(network.now, b"hello", B6, 7)
    network.run()

    question = server.receive()
    assert question is not None
    assert (question.data, question.source) == (b"hello", A6)
    kinds = [p.icmpv6.name if p.icmpv6 else "udp" for p in network.packets()]
    assert kinds == ["neighbor solicitation", "neighbor advertisement", "udp"]


def test_nothing_that_leaves_has_a_problem():
    network = two_hosts()
    for v6, to in ((False, B), (True, B6)):
        network.hosts["a"].udp.socket(v6=v6).send(network.now, bytes(3000), to, 9)
    network.run()
    assert len(network.packets()) == 12
    assert [p.problems for p in network.packets() if p.problems] == []
    assert {p.icmp.code for p in network.packets() if p.icmp} == {icmp.Unreachable.PORT}


def test_a_connection_carries_a_megabyte_each_way():
    network = two_hosts()
    a, b = network.hosts["a"], network.hosts["b"]
    listener = b.tcp.listen(network.now, 80)
    client = a.tcp.connect(network.now, B, 80)
    network.pass_(0.01)
    server = listener.accept()
    assert server is not None

    sent, received = bytes(range(256)) * 4096, bytearray()
    left = memoryview(sent)
    while len(received) < len(sent):
        left = left[client.send(network.now, left) if left and client.writable else 0 :]
        network.pass_(0.002)
        received += server.receive(network.now, 1 << 20) if server.readable else b""

    assert received == sent
    assert [p.problems for p in network.packets() if p.problems] == []


def test_a_connection_that_gave_up_leaves_no_timer():
    network = two_hosts()
    a = network.hosts["a"]
    listener = network.hosts["b"].tcp.listen(network.now, 80)
    client = a.tcp.connect(network.now, B, 80)
    network.pass_(0.1)
    assert listener.acceptable
    network.links[0].is_up = False
    client.send(network.now, b"is anybody there?")
    network.pass_(3600)
    assert client.state.name == "CLOSED"
    assert a.tcp.next_timeout() is None


def test_a_segment_that_was_broadcast_is_not_even_refused():
    network = two_hosts()
    syn = Tcp(1500, 80, 7, flags=FLAGS[2])
    datagram = Ipv4(A, B, 6).emit(syn.emit(b"", A, B))
    network.deliver("b", "eth0", Ethernet(BROADCAST, b"\x02\0\0\0\0\1", 0x0800).emit(datagram))
    network.pass_(1)
    assert network.packets("b") == []


@pytest.mark.parametrize(("source", "taken"), [(A, True), (B, False)])
def test_nobody_else_may_send_as_the_host_itself(source: bytes, taken: bool):
    network = two_hosts()
    listener = network.hosts["b"].tcp.listen(network.now, 80)
    syn = Tcp(80, 80, 7, flags=FLAGS[2]).emit(b"", source, B)
    mac = network.hosts["b"].ip.interfaces["eth0"].mac
    datagram = Ipv4(source, B, 6).emit(syn)
    network.deliver("b", "eth0", Ethernet(mac, b"\x02\0\0\0\0\1", 0x0800).emit(datagram))
    network.pass_(0.1)
    assert bool(network.packets("b")) is taken
    assert not listener.acceptable
    assert network.hosts["b"].counters[Counted.IN_ADDRESS_ERRORS] == (not taken)


def test_a_damaged_segment_is_dropped_and_counted():
    network = two_hosts()
    segment = bytearray(Tcp(1500, 80, 7, flags=FLAGS[2]).emit(b"", A, B))
    segment[4] ^= 1
    mac = network.hosts["b"].ip.interfaces["eth0"].mac
    datagram = Ipv4(A, B, 6).emit(bytes(segment))
    network.deliver("b", "eth0", Ethernet(mac, b"\x02\0\0\0\0\1", 0x0800).emit(datagram))
    network.pass_(1)
    assert network.packets("b") == []
    assert network.hosts["b"].counters[Counted.TCP_CHECKSUM_ERRORS] == 1


@pytest.mark.parametrize("to", [B, B6])
def test_a_connection_that_gets_on_spares_questions_about_the_neighbour(to: bytes):
    network = two_hosts()
    listener = network.hosts["b"].tcp.listen(network.now, 80)
    client = network.hosts["a"].tcp.connect(network.now, to, 80)
    network.pass_(0.1)
    server = listener.accept()
    network.seen.clear()
    for _ in range(200):
        client.send(network.now, b"x")
        network.pass_(1)
        server.send(network.now, server.receive(network.now, 10))
    questions = [p for p in network.packets() if p.arp or p.icmpv6]
    assert questions == []
