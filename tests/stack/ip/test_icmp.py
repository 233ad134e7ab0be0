"""Echoes, and ICMP errors: which are sent, how many, and who hears of those that come."""

from __future__ import annotations

import errno

import pytest

from netlab.stack.events import Closed
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.errors import meaning
from netlab.stack.ip.icmp_errors import ALL_HOSTS_BURST, MAX_HOSTS, ONE_HOST_BURST, RateLimits
from netlab.stack.raw import RawSocket
from netlab.stack.udp.settings import UdpSettings
from netlab.stack.units import SECOND
from netlab.testing.network import Network
from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text
from netlab.wire.ethernet import BROADCAST, Ethernet
from netlab.wire.icmp import Icmp
from netlab.wire.icmp_error import IcmpError
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import decode
from netlab.wire.udp import Udp

A, B, A6, B6 = map(from_text, ("10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"))
PEER = {4: (A, B), 6: (A6, B6)}
BOTH = pytest.mark.parametrize("version", [4, 6])


def two_hosts() -> Network:
    network = Network()
    network.link("a 10.0.0.1/24 fd00::1/64", "b 10.0.0.2/24 fd00::2/64")
    network.settle()
    return network


@BOTH
@pytest.mark.parametrize("size", [0, 56, 3000])
def test_an_echo_brings_back_what_was_sent(version: int, size: int):
    network = two_hosts()
    ping = RawSocket(network.hosts["a"].ip, 1 if version == 4 else 58, v6=version == 6)
    ping.accepts = lambda d: d.payload[0] in {0, 129}
    data = bytes(range(100)) * (size // 100) or bytes(size)
    echo = icmp.echo(7, 1).emit(data) if version == 4 else icmpv6.echo(7, 1).emit(data, A6, B6)
    ping.send(network.now, echo, PEER[version][1])
    network.pass_(1)
    answer = ping.receive()
    assert answer is not None
    assert answer.payload[4:8] == b"\0\7\0\1"
    assert answer.payload[8:] == data
    assert answer.ip.source == PEER[version][1]
    assert all(p.problems == () for p in network.packets())


def test_a_broadcast_echo_is_not_answered_one_to_all_nodes_is():
    network = two_hosts()
    for version, to in ((4, from_text("10.0.0.255")), (6, from_text("ff02::1"))):
        ping = RawSocket(network.hosts["a"].ip, 1 if version == 4 else 58, v6=version == 6)
        echo = icmp.echo(7, 1).emit() if version == 4 else icmpv6.echo(7, 1).emit(b"", A6, to)
        ping.send(network.now, echo, to, interface="eth0")
    network.pass_(1)
    names = [m.name for p in network.packets("b") if (m := p.icmp or p.icmpv6)]
    assert names == ["neighbor solicitation", "echo reply"]


def test_the_time_is_told():
    network = two_hosts()
    ask = RawSocket(network.hosts["a"].ip, 1)
    ask.send(network.now, Icmp(icmp.Type.TIMESTAMP, 0, b"\0\1\0\2").emit(bytes(12)), B)
    network.pass_(1)
    answer = ask.receive()
    assert answer is not None
    assert answer.payload[0] == icmp.Type.TIMESTAMP_REPLY
    assert int.from_bytes(answer.payload[12:16], "big") == 5003  # ms since the clock began


def test_an_unknown_protocol_is_refused_with_its_place():
    network = two_hosts()
    for version in (4, 6):
        RawSocket(network.hosts["a"].ip, 200, v6=version == 6).send(
            network.now, b"what?", PEER[version][1]
        )
    network.pass_(1)
    found = [m for p in network.packets("b") if (m := p.icmp or p.icmpv6) and m.is_error]
    assert [(m.type, m.code, m.pointer) for m in found] == [(3, 2, None), (4, 1, 6)]


def test_a_raw_socket_takes_an_unknown_protocol():
    network = two_hosts()
    taker = RawSocket(network.hosts["b"].ip, 200)
    RawSocket(network.hosts["a"].ip, 200).send(network.now, b"what?", B)
    network.pass_(1)
    taken = taker.receive()
    assert taken is not None
    assert (taken.payload, taken.interface) == (b"what?", "eth0")
    assert not [p for p in network.packets("b") if p.icmp]
    taker.close()
    RawSocket(network.hosts["a"].ip, 200).send(network.now, b"what?", B)
    network.pass_(1)
    assert [p for p in network.packets("b") if p.icmp]


@pytest.mark.parametrize(
    ("destination", "mac"),
    [("10.0.0.2", BROADCAST), ("10.0.0.255", BROADCAST), ("224.0.0.1", b"\x01\0\x5e\0\0\1")],
)
def test_no_error_answers_what_was_sent_to_many(destination: str, mac: bytes):
    network = two_hosts()
    to = from_text(destination)
    datagram = Ipv4(A, to, 17).emit(Udp(1, 9).emit(b"x", A, to))
    network.deliver("b", "eth0", Ethernet(mac, b"\x02\0\0\0\0\1", 0x0800).emit(datagram))
    network.pass_(1)
    assert network.hosts["b"].counters[Counted.UDP_NO_PORTS] == 1
    assert network.packets("b") == []


def test_a_host_gets_six_errors_at_once_and_then_one_a_second():
    network = two_hosts()
    socket = network.hosts["a"].udp.socket()
    for _ in range(20):
        socket.send(network.now, b"x", B, 9)
        network.pass_(0.01)
    assert len([p for p in network.packets("b") if p.icmp]) == ONE_HOST_BURST
    network.pass_(3)
    for _ in range(20):
        socket.send(network.now, b"x", B, 9)
        network.pass_(0.001)
    assert len([p for p in network.packets("b") if p.icmp]) == ONE_HOST_BURST + 3
    assert network.hosts["b"].counters[Counted.ICMP_OUT_LIMITED_HOST] == 31


def test_all_hosts_together_get_a_bounded_number_and_path_mtu_discovery_is_exempt():
    host_of = {n: n.to_bytes(4, "big") for n in range(2 * MAX_HOSTS)}
    limits = RateLimits(two_hosts().hosts["a"].counters)
    port, too_big = IcmpError(3, 3), IcmpError(3, 4, 1400)
    allowed = [limits.allow(SECOND, host, port) for host in host_of.values()]
    assert sum(allowed) == ALL_HOSTS_BURST
    assert len(limits._hosts) == MAX_HOSTS
    assert all(limits.allow(SECOND, A, too_big) for _ in range(1000))
    assert limits.allow(2 * SECOND, b"\x7f" * 4, port)


#: Figures A.15 and A.16 with Linux' column: type, code, errno, whether it is hard, 4.4BSD's.
ROWS_V4 = [
    (3, 0, "ENETUNREACH", False, "EHOSTUNREACH"),
    (3, 1, "EHOSTUNREACH", False, "EHOSTUNREACH"),
    (3, 2, "ENOPROTOOPT", True, "ECONNREFUSED"),
    (3, 3, "ECONNREFUSED", True, "ECONNREFUSED"),
    (3, 4, "EMSGSIZE", False, "EMSGSIZE"),
    (3, 5, "EOPNOTSUPP", False, "EHOSTUNREACH"),
    (3, 6, "ENETUNREACH", True, "EHOSTUNREACH"),
    (3, 7, "EHOSTDOWN", True, "EHOSTUNREACH"),
    (3, 8, "ENONET", True, "EHOSTUNREACH"),
    (3, 9, "ENETUNREACH", True, "EHOSTUNREACH"),
    (3, 10, "EHOSTUNREACH", True, "EHOSTUNREACH"),
    (3, 11, "ENETUNREACH", False, "EHOSTUNREACH"),
    (3, 12, "EHOSTUNREACH", False, "EHOSTUNREACH"),
    (3, 13, "EHOSTUNREACH", True, "ECONNREFUSED"),
    (3, 14, "EHOSTUNREACH", True, "ECONNREFUSED"),
    (3, 15, "EHOSTUNREACH", True, "ECONNREFUSED"),
    (11, 0, "EHOSTUNREACH", False, None),
    (12, 0, "EPROTO", True, "ENOPROTOOPT"),
    (12, 1, "EPROTO", True, "ENOPROTOOPT"),
]
ROWS_V6 = [
    (1, 0, "ENETUNREACH", False, "EHOSTUNREACH"),
    (1, 1, "EACCES", True, "EHOSTUNREACH"),
    (1, 2, "EHOSTUNREACH", False, "ENOPROTOOPT"),
    (1, 3, "EHOSTUNREACH", False, "EHOSTDOWN"),
    (1, 4, "ECONNREFUSED", True, "ECONNREFUSED"),
    (1, 5, "EACCES", True, None),
    (1, 6, "EACCES", True, None),
    (3, 0, "EHOSTUNREACH", False, None),
    (3, 1, "EHOSTUNREACH", False, None),
    (4, 0, "EPROTO", True, "ENOPROTOOPT"),
    (4, 1, "EPROTO", True, "ENOPROTOOPT"),
    (4, 2, "EPROTO", True, "ENOPROTOOPT"),
]
SILENT_V4 = [(4, 0), (5, 0), (5, 1), (11, 1), (0, 0), (3, 16)]


@pytest.mark.parametrize(
    ("message", "row"),
    [
        *[(Icmp(r[0], r[1]), r) for r in ROWS_V4],
        *[(Icmpv6(r[0], r[1]), r) for r in ROWS_V6],
    ],
)
def test_each_error_has_an_errno(
    message: Icmp | Icmpv6, row: tuple[int, int, str, bool, str | None]
):
    found = meaning(message)
    assert found is not None
    assert found.errno == getattr(errno, row[2])
    assert found.is_hard is row[3]
    assert found.bsd == (getattr(errno, row[4]) if row[4] else None)


@pytest.mark.parametrize(("kind", "code"), SILENT_V4)
def test_what_no_socket_hears_of(kind: int, code: int):
    assert meaning(Icmp(kind, code)) is None


@BOTH
@pytest.mark.parametrize("asks", [False, True])
def test_every_row_at_a_connected_socket(version: int, asks: bool):
    for kind, code, name, is_hard, _ in ROWS_V4 if version == 4 else ROWS_V6:
        network = two_hosts()
        own, peer = PEER[version]
        settings = UdpSettings(hear_errors=asks)
        socket = network.hosts["a"].udp.socket(v6=version == 6, settings=settings)
        socket.connect(peer, 9)
        quoted = Udp(socket.port, 9).emit(b"x", own, peer)
        ip = Ipv4(own, peer, 17) if version == 4 else Ipv6(own, peer, 17)
        message = IcmpError(kind, code).about(ip.emit(quoted), peer, own)
        carrier = Ipv4(peer, own, 1) if version == 4 else Ipv6(peer, own, 58)
        frame = Ethernet(
            network.hosts["a"].ip.interfaces["eth0"].mac,
            b"\x02\0\0\0\0\2",
            0x0800 if version == 4 else 0x86DD,
        ).emit(carrier.emit(message))
        network.deliver("a", "eth0", frame)
        error = socket.take_error()
        is_told = asks or is_hard or name == "EMSGSIZE"
        assert error == (getattr(errno, name) if is_told else 0)


def test_an_error_about_nothing_of_ours_is_ignored():
    network = two_hosts()
    socket = network.hosts["a"].udp.socket()
    socket.connect(B, 9)
    for source, port, peer in ((B, socket.port, A), (A, socket.port + 1, B), (A, socket.port, A)):
        quoted = Ipv4(source, peer, 17).emit(Udp(port, 9).emit(b"x", source, peer))
        message = IcmpError(3, 4, 600).about(quoted, B, A)
        mac = network.hosts["a"].ip.interfaces["eth0"].mac
        frame = Ethernet(mac, b"\x02\0\0\0\0\2", 0x0800).emit(Ipv4(B, A, 1).emit(message))
        network.deliver("a", "eth0", frame)
    assert socket.take_error() == 0
    assert network.hosts["a"].ip.sender.mtu(B) == 1500
    assert network.hosts["a"].counters[Counted.ICMP_IN_ERRORS] == 3


@pytest.mark.parametrize(("source", "offset", "mtu"), [(A, 0, 600), (B, 0, 1500), (A, 8, 1500)])
def test_an_error_is_about_the_start_of_a_datagram_from_here(source: bytes, offset: int, mtu: int):
    network = two_hosts()
    network.hosts["a"].udp.socket().bind(bytes(4), 1500)
    ip = Ipv4(source, B, 17, fragment_offset=offset)
    quoted = ip.emit(Udp(1500, 9).emit(b"x", source, B))
    message = IcmpError(3, 4, 600).about(quoted, B, A)
    mac = network.hosts["a"].ip.interfaces["eth0"].mac
    frame = Ethernet(mac, b"\x02\0\0\0\0\2", 0x0800).emit(Ipv4(B, A, 1).emit(message))
    network.deliver("a", "eth0", frame)
    assert network.hosts["a"].ip.sender.mtu(B) == mtu


@BOTH
def test_a_damaged_message_is_dropped_and_counted(version: int):
    network = two_hosts()
    own, peer = PEER[version]
    echo = icmp.echo(7, 1).emit(b"x") if version == 4 else icmpv6.echo(7, 1).emit(b"x", own, peer)
    ip = Ipv4(own, peer, 1) if version == 4 else Ipv6(own, peer, 58)
    mac = network.hosts["b"].ip.interfaces["eth0"].mac
    kind = 0x0800 if version == 4 else 0x86DD
    frame = Ethernet(mac, b"\x02\0\0\0\0\1", kind).emit(ip.emit(echo))
    network.deliver("b", "eth0", frame[:-1] + b"y")
    network.pass_(0.01)
    assert network.packets("b") == []
    assert network.hosts["b"].counters[Counted.ICMP_IN_CHECKSUM_ERRORS] == 1
    network.deliver("b", "eth0", frame)
    network.pass_(0.01)
    assert network.packets("b") != []


def complain(network: Network, error: IcmpError, quoted: bytes) -> None:
    """b, or who says it is, tells a that something is wrong with a datagram of a's."""
    version = quoted[0] >> 4
    own, peer = PEER[version]
    message = error.about(quoted, peer, own)
    carrier = Ipv4(peer, own, 1) if version == 4 else Ipv6(peer, own, 58)
    mac = network.hosts["a"].ip.interfaces["eth0"].mac
    ethertype = 0x0800 if version == 4 else 0x86DD
    frame = Ethernet(mac, b"\x02\0\0\0\0\2", ethertype).emit(carrier.emit(message))
    network.deliver("a", "eth0", frame)


@BOTH
def test_every_row_at_a_socket_that_connects(version: int):
    for kind, code, name, _, _ in ROWS_V4 if version == 4 else ROWS_V6:
        network = two_hosts()
        network.links[0].fate = lambda frame: [] if decode(frame).tcp else [(1000, frame)]
        a = network.hosts["a"].tcp
        connection = a.connect(network.now, PEER[version][1], 9)
        network.pass_(0.1)
        syn = next(s.frame for s in network.seen if s.packet.tcp)
        error = IcmpError(kind, code, 1400 if name == "EMSGSIZE" else 0)
        complain(network, error, syn[14:])
        network.pass_(0.01)
        events = iter(network.hosts["a"].next_event, None)
        closed = [e.errno for e in events if isinstance(e, Closed)]
        is_told = name != "EMSGSIZE"  # that is path MTU discovery
        assert closed == ([getattr(errno, name)] if is_told else []), (kind, code)
        assert (connection.state.name == "CLOSED") is is_told


@BOTH
def test_an_established_connection_goes_on_after_any_error(version: int):
    network = two_hosts()
    a, b = network.hosts["a"].tcp, network.hosts["b"].tcp
    listener = b.listen(network.now, 80)
    client = a.connect(network.now, PEER[version][1], 80)
    network.pass_(0.1)
    server = listener.accept()
    for kind, code, name, *_ in ROWS_V4 if version == 4 else ROWS_V6:
        client.send(network.now, b"x")
        network.pass_(0.0001)
        segment = [s.frame for s in network.seen if s.where == "a:eth0" and s.packet.tcp][-1]
        error = IcmpError(kind, code, 1400 if name == "EMSGSIZE" else 0)
        complain(network, error, segment[14:])
        network.pass_(1)
        assert client.state.name == "ESTABLISHED", (kind, code)
        assert server.receive(network.now, 10) == b"x"


@BOTH
def test_nobody_answers_who_is_to_be_connected_to(version: int):
    network = two_hosts()
    nobody = from_text("10.0.0.77" if version == 4 else "fd00::77")
    network.hosts["a"].tcp.connect(network.now, nobody, 80)
    network.pass_(10)
    events = iter(network.hosts["a"].next_event, None)
    assert [e.errno for e in events if isinstance(e, Closed)] == [errno.EHOSTUNREACH]
