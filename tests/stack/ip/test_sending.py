"""Which source address a datagram gets (RFC 6724; RFC 1122, 3.3.4.3), and its identification."""

from __future__ import annotations

import errno
import os
from random import Random

import pytest

from netlab.stack.host import Host
from netlab.stack.ip.interface import AddressState
from netlab.stack.ip.routes import Route
from netlab.wire.address import from_text, to_text
from netlab.wire.ipv4 import Ipv4
from netlab.wire.packet import decode

MAC = b"\x02\0\0\0\0\x0a"


def a_host() -> Host:
    host = Host(Random(1))
    for number, addresses in enumerate(
        (
            ("10.0.0.1/24", "10.0.7.1/24", "fd00:0:0:1::1/64", "fd00:0:0:2::1/64"),
            ("10.0.1.1/24", "fd00:0:0:3::1/64"),
        )
    ):
        host.ip.add_interface(0, f"eth{number}", MAC)
        for text in addresses:
            address, _, length = text.partition("/")
            host.ip.add_address(0, f"eth{number}", from_text(address), int(length))
    host.ip.add_route(0, Route(bytes(4), 0, "eth0", from_text("10.0.7.254")))
    host.ip.add_route(0, Route(bytes(16), 0, "eth0", from_text("fd00:0:0:1::fe")))
    return host


@pytest.mark.parametrize(
    ("destination", "interface", "source"),
    [
        ("10.0.1.9", None, "10.0.1.1"),
        ("10.0.0.9", None, "10.0.0.1"),
        ("8.8.8.8", None, "10.0.7.1"),  # of the gateway's network
        ("10.0.1.1", None, "10.0.1.1"),  # itself
        ("127.0.0.1", None, "127.0.0.1"),
        ("239.1.2.3", "eth1", "10.0.1.1"),
        ("fd00:0:0:2::9", None, "fd00:0:0:2::1"),  # rule 8
        ("fd00:0:0:3::9", None, "fd00:0:0:3::1"),
        ("fd00:0:0:3::1", None, "fd00:0:0:3::1"),  # rule 1
        ("2001:db8::1", None, "fd00:0:0:1::1"),  # rule 2: no link-local one; rule 5: not eth1's
        ("fe80::9", "eth1", "fe80::ff:fe00:a"),
        ("ff02::1", "eth1", "fe80::ff:fe00:a"),
        ("ff0e::1", "eth1", "fd00:0:0:3::1"),
    ],
)
def test_source_addresses(destination: str, interface: str | None, source: str):
    found = a_host().ip.sender.source_for(from_text(destination), interface)
    assert to_text(found) == source


def test_a_deprecated_address_is_the_last_choice():
    host = a_host()
    own = host.ip.interfaces["eth0"].assigned
    own[from_text("fd00:0:0:2::1")].state = AddressState.DEPRECATED
    assert to_text(host.ip.sender.source_for(from_text("fd00:0:0:2::9"))) == "fd00:0:0:1::1"


def test_a_route_may_name_its_source():
    host = a_host()
    chosen = from_text("10.0.1.1")
    host.ip.add_route(0, Route(from_text("10.9.0.0"), 16, "eth0", source=chosen))
    assert host.ip.sender.source_for(from_text("10.9.0.1")) == chosen


def test_a_host_without_an_address_has_no_source():
    host = Host(Random(1))
    host.ip.add_interface(0, "eth0", MAC)
    host.ip.add_route(0, Route(bytes(4), 0, "eth0"))
    with pytest.raises(OSError, match=os.strerror(errno.EADDRNOTAVAIL)):
        host.ip.sender.source_for(from_text("8.8.8.8"))


def test_a_link_below_the_minimum_has_no_ipv6():
    host = Host(Random(1))
    host.ip.add_interface(0, "eth0", MAC, 1279)
    assert host.ip.interfaces["eth0"].link_local is None
    with pytest.raises(ValueError, match="mtu 67 is not from 68 to 65535"):
        host.ip.add_interface(0, "eth1", MAC, 67)


def test_identifications_rise_and_are_never_zero():
    host = a_host()
    neighbour = from_text("10.0.0.9")
    host.ip.interfaces["eth0"].neighbours.heard(0, neighbour, b"\x02\0\0\0\0\x0b")
    host.frames_to_send(0)
    socket = host.udp.socket()
    seen = []
    for _ in range(70_000):
        socket.send(0, b"", neighbour, 9)
        seen += [f for _, f in host.frames_to_send(0)]
    headers = [p.ip for p in map(decode, seen[:3] + seen[-3:]) if isinstance(p.ip, Ipv4)]
    numbers = [int.from_bytes(frame[18:20], "big") for frame in seen]
    assert all(header.identification for header in headers)
    assert set(numbers) == set(range(1, 65536))
