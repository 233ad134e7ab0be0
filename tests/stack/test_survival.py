"""Whatever comes in: nothing escapes, everything stays bounded, what leaves is well formed."""

from __future__ import annotations

import os
from random import Random

import pytest

from netlab.stack.host import Host
from netlab.stack.ip import interface, neighbours, pmtu, reassembly
from netlab.stack.ip.addresses import link_local
from netlab.stack.ip.routes import Route
from netlab.stack.units import MILLISECOND
from netlab.testing.mutations import Mutator
from netlab.wire.address import from_text
from netlab.wire.packet import Packet, decode

OWN, OTHER = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02"
ADDRESSES = [
    *map(from_text, ("10.0.0.1", "10.0.0.2", "10.0.1.9", "10.0.0.255", "224.0.0.1", "8.8.8.8")),
    *map(from_text, ("fd00::1", "fd00::2", "fe80::2", "fd00:1::9", "ff02::1", "ff02::1:ff00:1")),
]
OWN_ADDRESSES = {from_text("10.0.0.1"), from_text("fd00::1"), link_local(OWN)}
PORTS = [7, 9, 1500, 49152]
#: More of them where there is time: NETLAB_FUZZ=10000000.
COUNT = int(os.environ.get("NETLAB_FUZZ", "20000"))


def a_host(*, is_router: bool) -> Host:
    host = Host(Random(1), is_router=is_router)
    host.ip.add_interface(0, "eth0", OWN, 1500)
    host.ip.add_address(0, "eth0", from_text("10.0.0.1"), 24)
    host.ip.add_address(0, "eth0", from_text("fd00::1"), 64)
    host.ip.add_interface(0, "eth1", OWN, 1000)
    host.ip.add_address(0, "eth1", from_text("10.0.1.1"), 24)
    gateway = from_text("10.0.0.254")
    host.ip.routes.add(Route(bytes(4), 0, "eth0", gateway))
    host.tcp.listen(0, 7)
    for v6 in (False, True):
        socket = host.udp.socket(v6=v6)
        socket.settings.only_v6 = True
        socket.bind(bytes(16 if v6 else 4), 7)
    return host


def is_own(packet: Packet) -> bool:
    """A router passes on what others have damaged."""
    return packet.arp is not None or (packet.ip is not None and packet.ip.source in OWN_ADDRESSES)


@pytest.mark.parametrize("is_router", [False, True])
def test_nothing_escapes_and_nothing_grows(is_router: bool):
    host = a_host(is_router=is_router)
    mutator = Mutator(Random(2), [OWN, OTHER, b"\x33\x33\0\0\0\1"], ADDRESSES, PORTS)
    now = 0
    for number, frame in enumerate(mutator.frames(COUNT)):
        now += MILLISECOND
        host.receive(now, "eth0", frame)
        sent = host.frames_to_send(now)
        if number % 7 == 0:
            problems = [p.problems for p in map(decode, (f for _, f in sent)) if is_own(p)]
            assert not any(problems), (frame.hex(), problems)
        due = host.next_timeout()
        if due is not None and due <= now:
            host.handle_timeout(now)
        while host.next_event():
            pass
        if host.tcp.next_timeout() is None and number % 1000 == 0:
            host.tcp.connect(now, from_text("10.0.0.2"), 9)
    on = host.ip.interfaces["eth0"]
    assert len(on.neighbours) <= neighbours.MAX_NEIGHBOURS
    assert len(host.ip.path_mtus) <= pmtu.MAX_PATHS
    assert all(each.memory <= reassembly.MEMORY_LIMIT for each in host.ip.reassembly.values())
    assert len(on.queue) <= interface.QUEUE_LIMIT
    assert sum(host.counters.values()) > COUNT // 2
