"""Interfaces that cut and sum up: what is handed to them is what others would have had to send."""

from __future__ import annotations

import pytest

from netlab.stack.host import Host
from netlab.stack.ip.datagram import Frame, Segmentation
from netlab.stack.ip.offload import cut_frame
from netlab.stack.ip.routes import Route
from netlab.testing.network import Network
from netlab.wire import checksum as internet
from netlab.wire import ipv4, udp
from netlab.wire.address import from_text
from netlab.wire.packet import Packet, decode

B, B6 = from_text("10.0.1.2"), from_text("fd00:1::2")
BOTH = pytest.mark.parametrize("destination", [B, B6])


def a_path() -> Network:
    """a -- r -- b; what a and r send is driven by hand."""
    network = Network()
    network.add("r", is_router=True)
    network.link("a 10.0.0.1/24 fd00::1/64", "r 10.0.0.254/24 fd00::fe/64")
    network.link("r 10.0.1.254/24 fd00:1::fe/64", "b 10.0.1.2/24 fd00:1::2/64")
    for name, v4, v6 in (("a", "10.0.0.254", "fd00::fe"), ("b", "10.0.1.254", "fd00:1::fe")):
        for gateway in (v4, v6):
            by = from_text(gateway)
            network.hosts[name].ip.add_route(0, Route(bytes(len(by)), 0, "eth0", by))
    network.settle()
    return network


def a_super_segment(network: Network, destination: bytes) -> Frame:
    """What a hands to an interface that cuts."""
    a, b = network.hosts["a"], network.hosts["b"]
    listener = b.tcp.listen(network.now, 80)
    client = a.tcp.connect(network.now, destination, 80)
    network.pass_(0.1)
    assert listener.acceptable
    network.seen.clear()
    a.ip.interfaces["eth0"].segments = True
    client.send(network.now, bytes(range(256)) * 50)
    frames = [f for f in a.to_send(network.now) if f.segmentation]
    assert len(frames) == 1
    return frames[0]


def cut(frame: Frame) -> list[Packet]:
    """As an interface would."""
    assert frame.segmentation is not None
    return [decode(whole) for whole in cut_frame(frame)]


def hand_over(host: Host, network: Network, frame: Frame) -> list[Frame]:
    whole = frame.head + bytes(frame.payload)
    host.receive(network.now, "eth0", whole, segmentation=frame.segmentation)
    return host.to_send(network.now)


@BOTH
def test_one_large_segment_is_many_right_ones(destination: bytes):
    network = a_path()
    frame = a_super_segment(network, destination)
    packets = cut(frame)
    assert len(packets) > 7
    assert all(p.problems == () for p in packets)
    assert (bytes(range(256)) * 50).startswith(b"".join(p.payload for p in packets))
    numbers = [p.tcp.sequence for p in packets if p.tcp]
    if len(destination) == 4:
        ids = [p.ip.identification for p in packets if p.ip]
        assert [n - ids[0] & 0xFFFF for n in ids] == list(range(len(ids)))
    sizes = [len(p.payload) for p in packets]
    assert [n - numbers[0] for n in numbers] == [sum(sizes[:i]) for i in range(len(sizes))]


@BOTH
def test_a_router_passes_it_on_in_one_piece_where_the_next_interface_cuts(destination: bytes):
    network = a_path()
    frame = a_super_segment(network, destination)
    router = network.hosts["r"]
    router.ip.interfaces["eth1"].segments = True
    (passed,) = hand_over(router, network, frame)
    assert passed.segmentation == frame.segmentation
    assert [p.payload for p in cut(passed)] == [p.payload for p in cut(frame)]


@BOTH
def test_a_router_cuts_for_an_interface_that_does_not(destination: bytes):
    network = a_path()
    frame = a_super_segment(network, destination)
    passed = hand_over(network.hosts["r"], network, frame)
    packets = [decode(f.head + bytes(f.payload)) for f in passed]
    assert all(p.problems == () for p in packets)
    assert [p.payload for p in packets] == [p.payload for p in cut(frame)]
    assert max(p.ip.total_length for p in packets if p.ip) <= 1500


@BOTH
def test_each_piece_must_fit_not_the_whole(destination: bytes):
    network = a_path()
    frame = a_super_segment(network, destination)
    network.hosts["r"].ip.set_mtu("eth1", 1300)
    (answer,) = hand_over(network.hosts["r"], network, frame)
    packet = decode(answer.head + bytes(answer.payload))
    message = packet.icmp or packet.icmpv6
    assert message is not None
    assert message.mtu == 1300


@BOTH
def test_the_receiver_takes_it_whole(destination: bytes):
    network = a_path()
    frame = a_super_segment(network, destination)
    router, b = network.hosts["r"], network.hosts["b"]
    router.ip.interfaces["eth1"].segments = True
    (passed,) = hand_over(router, network, frame)
    hand_over(b, network, passed)
    (connection,) = b.tcp.sockets
    assert connection.receive(network.now, 1 << 20) == frame.payload


def test_a_sum_that_was_left_to_do_is_done_on_the_way():
    network = a_path()
    socket = network.hosts["a"].udp.socket()
    socket.send(network.now, b"x", B, 9)
    network.pass_(0.1)
    socket.send(network.now, b"some text", B, 9)
    (frame,) = network.hosts["a"].to_send(network.now)
    whole = bytearray(frame.head + bytes(frame.payload))
    right = bytes(whole[40:42])
    ip, start = ipv4.parse(memoryview(whole), 14)
    pseudo = internet.pseudo_header(ip.source, ip.destination, udp.PROTOCOL, len(whole) - start)
    whole[40:42] = (pseudo % 0xFFFF).to_bytes(2, "big")
    left = Frame("eth0", bytes(whole), b"", Segmentation(0, 20, 6))
    (passed,) = hand_over(network.hosts["r"], network, left)
    packet = decode(passed.head + bytes(passed.payload))
    assert packet.problems == ()
    assert packet.udp is not None
    assert packet.udp.checksum.to_bytes(2, "big") == right
