"""Filters of a router between two hosts, and of the hosts themselves."""

from __future__ import annotations

import errno

import pytest

from netlab.stack.ip.counters import Counted
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.ip.filters import Rule
from netlab.stack.ip.routes import Route
from netlab.stack.raw import send_packet
from netlab.stack.tcp.connection import Connection
from netlab.stack.udp.socket import UdpSocket
from netlab.testing.network import Network
from netlab.wire.address import from_text
from netlab.wire.fields import Subject
from netlab.wire.filter import Filter
from netlab.wire.icmp_error import IcmpError
from netlab.wire.packet import Packet, decode
from netlab.wire.states import State
from netlab.wire.tcp import Flags

A, B, R = map(from_text, ("10.0.0.1", "10.0.1.2", "10.0.0.254"))
A6, B6 = map(from_text, ("fd00::1", "fd00:1::2"))
TO = {4: B, 6: B6}
BOTH = pytest.mark.parametrize("version", [4, 6])
PROHIBITED = {4: IcmpError(3, 13), 6: IcmpError(1, 1)}


def a_path(mtu: int = 1500) -> Network:
    """a -- r -- b."""
    network = Network()
    network.add("r", is_router=True)
    network.link("a 10.0.0.1/24 fd00::1/64", "r 10.0.0.254/24 fd00::fe/64")
    network.link("r 10.0.1.254/24 fd00:1::fe/64", "b 10.0.1.2/24 fd00:1::2/64", mtu=mtu)
    for name, v4, v6 in (("a", "10.0.0.254", "fd00::fe"), ("b", "10.0.1.254", "fd00:1::fe")):
        for size, gateway in ((4, v4), (16, v6)):
            network.hosts[name].ip.add_route(0, Route(bytes(size), 0, "eth0", from_text(gateway)))
    network.settle()
    return network


def a_rule(text: str, *, errors: dict[int, IcmpError] | None = None, resets: bool = False) -> Rule:
    compiled = Filter(text)
    return Rule(lambda p: compiled.matches(Subject(p)), errors or {}, resets)


def a_socket(network: Network, name: str, version: int, port: int = 0) -> UdpSocket:
    socket = network.hosts[name].udp.socket(v6=version == 6)
    socket.settings.hear_errors = True
    if port:
        socket.bind(bytes(4 if version == 4 else 16), port)
    return socket


def connecting(network: Network, version: int) -> Connection:
    network.hosts["b"].tcp.listen(network.now, 7, address=bytes(4 if version == 4 else 16))
    connection = network.hosts["a"].tcp.connect(network.now, TO[version], 7)
    network.pass_(0.5)
    return connection


def damaged(frame: bytes) -> bytes:
    return frame[:-1] + bytes((frame[-1] ^ 1,))


def told(network: Network, where: str) -> list[tuple[int, int]]:
    """Type and code of the ICMP errors that have left there."""
    messages = (p.icmp or p.icmpv6 for p in network.packets(where))
    return [(m.type, m.code) for m in messages if m is not None and m.is_error]


def came_by(network: Network, where: str) -> list[Packet]:
    return [p for p in network.packets(where) if p.udp or p.tcp]


@BOTH
def test_what_a_router_drops_vanishes_and_is_counted(version: int) -> None:
    network = a_path()
    rule = a_rule("udp.dstport == 9")
    network.hosts["r"].ip.filters.forward = [rule]
    a_socket(network, "b", version, 10)
    socket = a_socket(network, "a", version)

    socket.send(network.now, bytes(100), TO[version], 9)
    socket.send(network.now, bytes(100), TO[version], 10)
    network.pass_(0.5)

    assert [p.udp.destination_port for p in came_by(network, "r:eth1") if p.udp] == [10]
    assert told(network, "r") == []
    assert (rule.packets, rule.size) == (1, 128 if version == 4 else 148)
    assert network.hosts["r"].counters[Counted.IN_DISCARDS] == 1


@BOTH
def test_the_first_rule_that_matches_decides(version: int) -> None:
    network = a_path()
    rules = [a_rule("udp.dstport == 9"), a_rule("udp", errors=PROHIBITED)]
    network.hosts["r"].ip.filters.forward = rules
    socket = a_socket(network, "a", version)

    for port in (9, 10):
        socket.send(network.now, b"x", TO[version], port)
    network.pass_(0.5)

    assert [rule.packets for rule in rules] == [1, 1]
    assert len(told(network, "r:eth0")) == 1


@BOTH
def test_a_rejection_tells_the_source(version: int) -> None:
    network = a_path()
    network.hosts["r"].ip.filters.forward = [a_rule("udp", errors=PROHIBITED)]
    socket = a_socket(network, "a", version)
    socket.connect(TO[version], 9)

    socket.send(network.now, b"x")
    network.pass_(0.5)

    with pytest.raises(OSError, match=r".") as caught:
        socket.receive()
    assert caught.value.errno == (errno.EHOSTUNREACH if version == 4 else errno.EACCES)


@BOTH
def test_a_rejection_is_not_kept_back_by_rate_limits(version: int) -> None:
    network = a_path()
    network.hosts["r"].ip.filters.forward = [a_rule("udp", errors=PROHIBITED)]
    socket = network.hosts["a"].udp.socket(v6=version == 6)

    for _ in range(100):
        socket.send(network.now, b"x", TO[version], 9)
        network.pass_(0.01)

    assert len(told(network, "r:eth0")) == 100


@BOTH
def test_a_connection_that_a_router_resets_is_refused(version: int) -> None:
    network = a_path()
    network.hosts["r"].ip.filters.forward = [a_rule("tcp.dstport == 7", resets=True)]

    connection = connecting(network, version)

    assert connection.state is State.CLOSED
    assert connection.error == errno.ECONNREFUSED
    (reset,) = came_by(network, "r:eth0")
    assert reset.ip is not None
    assert reset.tcp is not None
    assert (reset.ip.source, reset.tcp.source_port) == (TO[version], 7)
    assert reset.tcp.flags == Flags.RST | Flags.ACK
    assert reset.problems == ()


@BOTH
def test_nobody_answers_a_reset_or_an_error(version: int) -> None:
    network = a_path()
    for name in ("a", "b", "r"):
        filters = network.hosts[name].ip.filters
        filters.input = [
            a_rule("tcp.flags.rst", resets=True),
            a_rule("icmp.type == 3 or icmpv6.type == 1", errors=PROHIBITED),
        ]
    network.hosts["a"].tcp.connect(network.now, TO[version], 7)
    a_socket(network, "a", version).send(network.now, b"x", TO[version], 9)

    network.pass_(0.5)

    assert [rule.packets for rule in network.hosts["a"].ip.filters.input] == [1, 1]
    assert [p.tcp.flags for p in came_by(network, "") if p.tcp and p.tcp.flags & Flags.RST] == [
        Flags.RST | Flags.ACK,
        Flags.RST | Flags.ACK,  # r has passed it on
    ]
    assert len(told(network, "b")) == 1
    assert told(network, "a") == []


@BOTH
def test_a_host_does_not_take_what_its_filter_stops(version: int) -> None:
    network = a_path()
    network.hosts["b"].ip.filters.input = [a_rule("udp.dstport == 9", errors=PROHIBITED)]
    network.hosts["r"].ip.filters.input = [a_rule("udp")]
    listener = a_socket(network, "b", version, 9)

    a_socket(network, "a", version).send(network.now, b"x", TO[version], 9)
    network.pass_(0.5)

    assert not listener.is_readable
    (answer,) = [p for p in network.packets("b") if p.quoted]
    assert answer.ip is not None
    assert answer.ip.source == TO[version]
    assert network.hosts["r"].ip.filters.input[0].packets == 0


@BOTH
def test_a_program_hears_that_it_may_not_send(version: int) -> None:
    network = a_path()
    network.hosts["a"].ip.filters.output = [a_rule("udp.dstport == 9")]
    socket = a_socket(network, "a", version)

    with pytest.raises(PermissionError):
        socket.send(network.now, b"x", TO[version], 9)
    socket.send(network.now, b"x", TO[version], 10)
    network.pass_(0.5)

    assert [p.udp.destination_port for p in came_by(network, "a") if p.udp] == [10]


@BOTH
def test_tcp_tries_again_when_it_may_not_send(version: int) -> None:
    network = a_path()
    filters = network.hosts["a"].ip.filters
    filters.output = [a_rule("tcp")]
    connection = connecting(network, version)
    filters.output = []
    assert came_by(network, "") == []

    network.pass_(2)

    assert connection.state is State.ESTABLISHED


@BOTH
def test_a_rejection_of_ones_own_connection_is_heard(version: int) -> None:
    network = a_path()
    network.hosts["a"].ip.filters.output = [a_rule("tcp.dstport == 7", resets=True)]

    connection = connecting(network, version)

    assert connection.error == errno.ECONNREFUSED
    assert came_by(network, "") == []


@BOTH
def test_every_segment_of_much_data_is_looked_at(version: int) -> None:
    network = a_path()
    rule = a_rule('data contains "second"')
    network.hosts["a"].ip.filters.output = [rule]
    connection = connecting(network, version)
    size = 1448 if version == 4 else 1428

    connection.send(network.now, b"f" * 2 * size + b"second" + b"l" * size)
    network.pass_(0.003)  # before anything is sent again

    sizes = [len(p.payload) for p in came_by(network, "a") if p.payload]
    assert rule.packets == 1
    assert sizes == [size, size, 6]


@BOTH
def test_what_comes_to_itself_passes_both_filters(version: int) -> None:
    network = a_path()
    filters = network.hosts["a"].ip.filters
    filters.input, filters.output = [a_rule("udp")], [a_rule("udp.dstport == 10")]
    own = A if version == 4 else A6
    socket = a_socket(network, "a", version)

    socket.send(network.now, b"x", own, 9)
    with pytest.raises(PermissionError):
        socket.send(network.now, b"x", own, 10)
    network.pass_(0.5)

    assert (filters.input[0].packets, filters.output[0].packets) == (1, 1)


@BOTH
def test_a_router_answers_for_the_last_hop_before_it_filters(version: int) -> None:
    network = a_path()
    network.hosts["r"].ip.filters.forward = [a_rule("udp")]
    socket = a_socket(network, "a", version)
    socket.settings.hop_limit = 1

    socket.send(network.now, b"x", TO[version], 9)
    network.pass_(0.5)

    assert told(network, "r") == [(11, 0) if version == 4 else (3, 0)]


@BOTH
def test_a_router_that_stops_its_own_errors_is_a_black_hole(version: int) -> None:
    network = a_path(mtu=1300)
    rule = a_rule("icmp.type == 3 and icmp.code == 4 or icmpv6.type == 2")
    network.hosts["r"].ip.filters.output = [rule]
    socket = a_socket(network, "a", version)
    socket.settings.path_mtu_discovery = PathMtuDiscovery.DO

    socket.send(network.now, bytes(1400), TO[version], 9)
    network.pass_(0.5)

    assert rule.packets == 1
    assert told(network, "r") == []
    assert came_by(network, "r:eth1") == []


def test_what_is_filtered_on_its_way_has_a_hop_less() -> None:
    network = a_path()
    rule = a_rule("ip.ttl == 63", errors=PROHIBITED)
    network.hosts["r"].ip.filters.forward = [rule]

    a_socket(network, "a", 4).send(network.now, b"x", B, 9)
    network.pass_(0.5)

    (error,) = [p for p in network.packets("r:eth0") if p.quoted]
    assert rule.packets == 1
    assert error.quoted is not None
    assert error.quoted.problems == ()


@pytest.mark.parametrize(("version", "stopped"), [(4, 1), (6, 1)])
def test_fragments_of_ipv6_are_filtered_one_by_one(version: int, stopped: int) -> None:
    network = a_path()
    rule = a_rule("udp.dstport == 9")
    network.hosts["b"].ip.filters.input = [rule]
    listener = a_socket(network, "b", version, 9)
    socket = a_socket(network, "a", version)
    socket.settings.path_mtu_discovery = PathMtuDiscovery.DONT

    socket.send(network.now, bytes(2000), TO[version], 9)
    network.pass_(0.5)

    assert rule.packets == stopped
    assert rule.size == (2028 if version == 4 else 1496)
    assert not listener.is_readable


@BOTH
def test_what_fragments_of_ipv6_say_together_is_not_filtered(version: int) -> None:
    network = a_path()
    rule = a_rule('udp.dstport == 9 and data contains "second"')
    network.hosts["b"].ip.filters.input = [rule]
    listener = a_socket(network, "b", version, 9)
    socket = a_socket(network, "a", version)
    socket.settings.path_mtu_discovery = PathMtuDiscovery.DONT

    socket.send(network.now, bytes(2000) + b"second", TO[version], 9)
    network.pass_(0.5)

    assert rule.packets == (1 if version == 4 else 0)
    assert listener.is_readable is (version == 6)


@BOTH
def test_a_segment_to_all_of_a_link_is_stopped_without_an_answer(version: int) -> None:
    network = a_path()
    rule = a_rule("tcp", resets=True)
    network.hosts["b"].ip.filters.input = [rule]
    connecting(network, version)
    assert rule.packets == 1
    (segment,) = [s.frame for s in network.seen if s.where == "r:eth1" and s.packet.tcp]
    (reset,) = came_by(network, "b")

    network.deliver("b", "eth0", b"\xff" * 6 + segment[6:])
    network.pass_(0.1)

    assert rule.packets == 2
    assert came_by(network, "b") == [reset]


@BOTH
def test_a_damaged_segment_is_stopped_without_an_answer(version: int) -> None:
    network = a_path()
    rule = a_rule("tcp", resets=True)
    network.hosts["r"].ip.filters.forward = [rule]
    network.links[0].fate = lambda frame: [(1, damaged(frame) if decode(frame).tcp else frame)]

    connection = connecting(network, version)

    assert connection.state is State.SYN_SENT
    assert rule.packets == 1
    assert came_by(network, "r:eth0") == []


def test_neighbour_discovery_can_be_stopped_on_its_way_out() -> None:
    network = a_path()
    network.pass_(120)  # what was known is doubted
    rule = a_rule("icmpv6.type == 135")
    network.hosts["a"].ip.filters.output = [rule]
    network.seen.clear()

    a_socket(network, "a", 6).send(network.now, b"x", from_text("fd00::77"), 9)
    network.pass_(0.5)

    assert rule.packets == 1
    assert [p for p in network.packets("a") if p.icmpv6 and p.icmpv6.type == 135] == []


def test_so_can_the_answers_to_it() -> None:
    network = a_path()
    rule = a_rule("icmpv6.type == 136")
    network.hosts["r"].ip.filters.output = [rule]
    network.seen.clear()

    a_socket(network, "a", 6).send(network.now, b"x", B6, 9)
    network.pass_(0.5)

    assert rule.packets == 1
    assert [p for p in network.packets("r") if p.icmpv6 and p.icmpv6.type == 136] == []


@BOTH
def test_a_packet_with_its_header_is_filtered_too(version: int) -> None:
    network = a_path()
    ip = network.hosts["a"].ip
    ip.filters.output = [a_rule("udp.dstport == 9")]
    a_socket(network, "a", version).send(network.now, b"x", TO[version], 10)
    network.pass_(0.5)
    (sent,) = [s.frame[14:] for s in network.seen if s.where == "a:eth0" and s.packet.udp]
    place = 22 if version == 4 else 42
    stopped = sent[:place] + b"\0\x09" + sent[place + 2 :]

    with pytest.raises(PermissionError):
        send_packet(ip, network.now, stopped, TO[version])
    send_packet(ip, network.now, sent, TO[version])
    network.pass_(0.5)

    assert [p.udp.destination_port for p in came_by(network, "a") if p.udp] == [10, 10]


def test_a_tap_sees_what_comes_whatever_becomes_of_it() -> None:
    network = a_path()
    seen: list[bytes] = []
    router = network.hosts["r"].ip
    router.filters.forward = [a_rule("udp")]
    router.taps.append(seen.append)
    socket = a_socket(network, "a", 4)

    socket.send(network.now, b"through", B, 9)
    socket.send(network.now, b"to", R, 9)
    network.pass_(0.5)

    assert [datagram[28:] for datagram in seen] == [b"through", b"to"]
    assert seen[0][8] == 64

    frame = next(s.frame for s in network.seen if s.where == "a:eth0" and s.packet.udp)
    network.deliver("r", "eth0", b"\xff" * 6 + frame[6:])
    assert len(seen) == 2
