"""Floods from countless senders: every table stays bounded, and who was there is still served."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from random import Random
from typing import TypeAlias

import pytest

from netlab.stack.host import Host
from netlab.stack.ip import addresses, interface, neighbours, pmtu, reassembly, routers, routes
from netlab.stack.ip.nd import HOP_LIMIT
from netlab.stack.ip.routes import Route
from netlab.stack.units import MILLISECOND
from netlab.testing.network import Network
from netlab.wire import arp, icmp, icmpv6, igmp
from netlab.wire.address import from_text
from netlab.wire.arp import Arp
from netlab.wire.ethernet import BROADCAST, Ethernet
from netlab.wire.icmp import Icmp
from netlab.wire.icmp_error import IcmpError
from netlab.wire.icmpv6 import Icmpv6, NdOption, Type
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, ExtensionType, Ipv6
from netlab.wire.router_advertisement import Prefix, RouterAdvertisement
from netlab.wire.tcp import FLAGS, Tcp
from netlab.wire.udp import Udp

A, A6 = from_text("10.0.0.1"), from_text("fd00::1")
B = from_text("10.0.0.2")
MAC, EVIL = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x66"
COUNT = 2500
BACKLOG = 128

Maker: TypeAlias = Callable[[Random], bytes]


def a_victim() -> Network:
    """a, whose gateway is b; a serves echoes on UDP port 7 and listens on TCP port 80."""
    network = Network()
    network.link("a 10.0.0.1/8 fd00::1/16", "b 10.0.0.2/8 fd00::2/16")
    host = network.hosts["a"]
    host.ip.add_route(0, Route(bytes(4), 0, "eth0", B))
    host.udp.socket().bind(bytes(4), 7)
    host.tcp.listen(0, 80, backlog=BACKLOG)
    host.ip.interfaces["eth0"].accepts_advertisements = True
    network.settle()
    return network


def v4(chance: Random) -> bytes:
    """Somebody on the link, or beyond the gateway."""
    return bytes((chance.choice((10, 20)), *chance.randbytes(3)))


def v6(chance: Random) -> bytes:
    return b"\xfd\0" + chance.randbytes(14)


def frame4(source: bytes, protocol: int, message: bytes, **fields: int | bool) -> bytes:
    ip = Ipv4(source, A, protocol, **fields)  # type: ignore[arg-type] # any field
    return Ethernet(MAC, EVIL, 0x0800).emit(ip.emit(message))


def closed_ports(chance: Random) -> bytes:
    source = v4(chance)
    return frame4(source, 17, Udp(1, chance.randrange(1000, 9000)).emit(b"x", source, A))


def open_ports(chance: Random) -> bytes:
    source = v4(chance)
    return frame4(source, 17, Udp(1, 7).emit(bytes(100), source, A))


def echoes(chance: Random) -> bytes:
    return frame4(v4(chance), 1, icmp.echo(1, 1).emit(bytes(50)))


def fragments(chance: Random) -> bytes:
    number, offset = chance.randrange(65536), 8 * chance.randrange(1000)
    data = bytes(8 * chance.randrange(1, 150))
    return frame4(
        v4(chance), 17, data, identification=number, more_fragments=True, fragment_offset=offset
    )


def syns(chance: Random) -> bytes:
    source = v4(chance)
    syn = Tcp(chance.randrange(1, 65536), 80, chance.getrandbits(32), flags=FLAGS[2])
    return frame4(source, 6, syn.emit(b"", source, A))


def arp_requests(chance: Random) -> bytes:
    request = Arp(arp.Operation.REQUEST, EVIL, v4(chance), bytes(6), A)
    return Ethernet(BROADCAST, EVIL, arp.ETHERTYPE).emit(request.emit())


def solicitations(chance: Random) -> bytes:
    source = v6(chance)
    body = A6 + NdOption(1, EVIL).emit()
    message = Icmpv6(Type.NEIGHBOR_SOLICITATION, 0, bytes(4), body).emit(b"", source, A6)
    ip = Ipv6(source, A6, icmpv6.PROTOCOL, HOP_LIMIT)
    return Ethernet(MAC, EVIL, 0x86DD).emit(ip.emit(message))


def path_mtus(chance: Random) -> bytes:
    """About datagrams that the echo service might have sent."""
    router, to = v4(chance), v4(chance)
    quoted = Ipv4(A, to, 17).emit(Udp(7, 1).emit(bytes(8), A, to))
    return frame4(router, 1, IcmpError(3, 4, 1000).about(quoted, router, A))


def fragments_v6(chance: Random) -> bytes:
    number = chance.randbytes(4)
    offset = (8 * chance.randrange(1000)) | 1
    header = ExtensionHeader(ExtensionType.FRAGMENT, offset.to_bytes(2, "big") + number)
    ip = Ipv6(v6(chance), A6, 17, extensions=(header,))
    return Ethernet(MAC, EVIL, 0x86DD).emit(ip.emit(bytes(8 * chance.randrange(1, 150))))


def strays(chance: Random) -> bytes:
    """Segments of no connection."""
    source, flags = v4(chance), FLAGS[chance.choice((1, 4, 16, 17, 18, 20, 24))]
    numbers = chance.getrandbits(32), chance.getrandbits(32)
    return frame4(source, 6, Tcp(1, 80, *numbers, flags=flags).emit(b"x", source, A))


def redirects(chance: Random) -> bytes:
    """From the gateway: countless hosts are better reached by countless others."""
    gateway, to = b"\x0a" + chance.randbytes(3), b"\x14" + chance.randbytes(3)
    quoted = Ipv4(A, to, 17).emit(Udp(7, 1).emit(bytes(8), A, to))
    return frame4(B, 1, Icmp(icmp.Type.REDIRECT, 1, gateway).emit(quoted))


def advertisements(chance: Random) -> bytes:
    """From countless routers, each with a network of its own."""
    source, to = b"\xfe\x80" + bytes(6) + chance.randbytes(8), from_text("ff02::1")
    prefix = Prefix(b"\xfd" + chance.randbytes(7) + bytes(8), 64)
    said = RouterAdvertisement(prefixes=(prefix,), mac=b"\x02" + chance.randbytes(5))
    message = said.message().emit(b"", source, to)
    ip = Ipv6(source, to, icmpv6.PROTOCOL, HOP_LIMIT)
    return Ethernet(b"\x33\x33\0\0\0\1", EVIL, 0x86DD).emit(ip.emit(message))


def questions(chance: Random) -> bytes:
    """After groups that the host is not in."""
    asked = igmp.query(b"\xef" + chance.randbytes(3))
    return frame4(v4(chance), igmp.PROTOCOL, asked, ttl=1)


FLOODS = [
    closed_ports,
    open_ports,
    echoes,
    fragments,
    syns,
    arp_requests,
    solicitations,
    path_mtus,
    fragments_v6,
    strays,
    redirects,
    advertisements,
    questions,
]


def flood(make: Maker, count: int) -> Iterator[bytes]:
    chance = Random(make.__name__)
    for _ in range(count):
        yield make(chance)


def bear(network: Network, make: Maker, count: int = COUNT) -> Host:
    """Nobody answers what the host asks; time passes, a tenth of a millisecond a frame."""
    host = network.hosts["a"]
    for frame in flood(make, count):
        network.now += MILLISECOND // 10
        host.receive(network.now, "eth0", frame)
        host.frames_to_send(network.now)
        due = host.next_timeout()
        if due is not None and due <= network.now:
            host.handle_timeout(network.now)
        while host.next_event():
            pass
    return host


@pytest.mark.parametrize("make", FLOODS)
def test_tables_are_bounded_and_a_neighbour_is_served(make: Maker):
    network = a_victim()
    tracemalloc.start()
    host = bear(network, make)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 12 << 20
    assert len(host.ip.interfaces["eth0"].neighbours) <= neighbours.MAX_NEIGHBOURS
    assert all(each.memory <= reassembly.MEMORY_LIMIT for each in host.ip.reassembly.values())

    network.pass_(4)  # what was asked in vain is forgotten
    socket = network.hosts["b"].udp.socket()
    socket.connect(A, 7)
    socket.send(network.now, b"still there?")
    network.pass_(2)
    reader = next(iter(host.udp.ports))
    asked = [d.data for d in iter(reader.receive, None)]
    assert make is open_ports or asked == [b"still there?"]


def is_learnt(route: Route) -> bool:
    """By an advertisement: to a network of IPv6 beside its own, or to all."""
    prefix, size = route.prefix, route.prefix_length
    return len(prefix) == 16 and size in {0, 64} and not addresses.is_link_local(prefix)


def length(of: str) -> Callable[[Host], int]:
    """How many there are of what is in each table of a host."""
    tables: dict[str, Callable[[Host], int]] = {
        "neighbours": lambda host: len(host.ip.interfaces["eth0"].neighbours),
        "addresses": lambda host: len(host.ip.interfaces["eth0"].assigned),
        "redirects": lambda host: len([r for r in host.ip.routes if r.prefix_length == 32]),
        "learnt routes": lambda host: len([r for r in host.ip.routes if is_learnt(r)]),
        "incomplete": lambda host: len(host.ip.reassembly[4]),
        "incomplete, IPv6": lambda host: len(host.ip.reassembly[6]),
        "paths": lambda host: len(host.ip.path_mtus),
        "connections": lambda host: len(list(host.tcp.sockets)),
        "answers to be given": lambda host: host.ip.groups.next_timeout() is not None,
    }
    return tables[of]


@pytest.mark.parametrize(
    ("make", "of", "bound"),
    [
        (arp_requests, "neighbours", neighbours.MAX_NEIGHBOURS),
        (solicitations, "neighbours", neighbours.MAX_NEIGHBOURS),
        (advertisements, "neighbours", neighbours.MAX_NEIGHBOURS),
        (echoes, "neighbours", neighbours.MAX_UNKNOWN),
        (advertisements, "addresses", interface.MAX_ADDRESSES),
        (advertisements, "learnt routes", routers.MAX_ROUTES),
        (redirects, "redirects", routes.MAX_REDIRECTS),
        (fragments, "incomplete", reassembly.MAX_INCOMPLETE),
        (fragments_v6, "incomplete, IPv6", reassembly.MAX_INCOMPLETE),
        (path_mtus, "paths", pmtu.MAX_PATHS),
        (syns, "connections", BACKLOG + 1),
        (strays, "connections", 0),
        (questions, "answers to be given", 0),
    ],
)
def test_a_table_is_full_and_no_fuller(make: Maker, of: str, bound: int):
    count = 2 * bound if bound > COUNT else COUNT
    assert length(of)(bear(a_victim(), make, count)) == bound
