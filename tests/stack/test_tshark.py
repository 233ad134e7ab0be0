"""Wireshark reads what hosts of the stack say to each other, and has nothing to find fault with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from netlab.stack.ip.routes import Route
from netlab.testing import tshark
from netlab.testing.network import Network
from netlab.wire.address import from_text
from netlab.wire.router_advertisement import Prefix, RouterAdvertisement

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="there is no tshark here")

A, B, B6 = map(from_text, ("10.0.0.1", "10.0.1.2", "fd00:1::2"))
GROUPS = (from_text("239.1.2.3"), from_text("ff15::7"))


def everything() -> Network:
    """Two hosts and a router, and a bit of all that they can say."""
    network = Network()
    network.add("r", is_router=True)
    network.link("a 10.0.0.1/24 fd00::1/64", "r 10.0.0.254/24 fd00::fe/64")
    network.link("r 10.0.1.254/24 fd00:1::fe/64", "b 10.0.1.2/24 fd00:1::2/64", mtu=1400)
    for name, gateways in (("a", ("10.0.0.254", "fd00::fe")), ("b", ("10.0.1.254", "fd00:1::fe"))):
        for by in map(from_text, gateways):
            network.hosts[name].ip.add_route(0, Route(bytes(len(by)), 0, "eth0", by))
    a, r, b = (network.hosts[name] for name in "arb")
    advertisement = RouterAdvertisement(prefixes=(Prefix(from_text("fd99::"), 64),))
    a.ip.interfaces["eth0"].accepts_advertisements = True
    a.ip.routers.solicit(0, a.ip.interfaces["eth0"])
    network.pass_(2)
    r.ip.routers.advertise(network.now, r.ip.interfaces["eth0"], advertisement)
    a.ip.add_address(network.now, "eth0", from_text("10.0.0.5"), 24, probe=True)
    network.pass_(20)
    for group in GROUPS:
        a.ip.join(network.now, "eth0", group)
    for v6, to in ((False, B), (True, B6)):
        socket = a.udp.socket(v6=v6)
        for size in (100, 1450, 4000):
            socket.send(network.now, bytes(size), to, 9)
            network.pass_(1)
        socket.settings.hop_limit = 1
        socket.send(network.now, b"x", to, 9)
        socket.settings.hop_limit = None
        nobody = from_text("fd00:9::9" if v6 else "10.0.9.9")
        socket.send(network.now, b"x", nobody, 9)
        network.pass_(5)
        transfer(network, to)
    for group in GROUPS:
        a.ip.leave(network.now, "eth0", group)
    network.pass_(5)
    b.ip.remove_address(network.now, "eth0", B)
    return network


def transfer(network: Network, to: bytes) -> None:
    a, b = network.hosts["a"].tcp, network.hosts["b"].tcp
    port = 80 if len(to) == 4 else 81
    listener = b.listen(network.now, port)
    client = a.connect(network.now, to, port)
    network.pass_(1)
    server = listener.accept()
    client.send(network.now, bytes(50_000))
    client.shutdown(network.now)
    for _ in range(20):
        network.pass_(0.1)
        while server.readable and server.receive(network.now, 65536):
            pass
    server.close(network.now)
    network.pass_(1)


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network = everything()
    # Segments once, on one link.
    seen = [s for s in network.seen if s.where in {"a:eth0", "r:eth0"} or s.packet.tcp is None]
    path = tmp_path_factory.mktemp("capture") / "stack.pcapng"
    tshark.write(seen, path)
    return path


def test_the_same_story_has_the_same_frames_to_the_bit():
    once, again = everything(), everything()
    assert [(s.at, s.where, s.frame) for s in once.seen] == [
        (s.at, s.where, s.frame) for s in again.seen
    ]


def test_nothing_is_malformed_and_every_checksum_is_right(capture: Path):
    assert tshark.frames(capture, tshark.MALFORMED) == []


def test_there_is_no_warning(capture: Path):
    assert tshark.frames(capture, f"_ws.expert.severity >= {tshark.WARNING}") == []


@pytest.mark.parametrize(
    "display_filter",
    [
        "arp",
        "icmpv6.type == 133",
        "icmpv6.type == 134",
        "icmpv6.type == 135",
        "icmpv6.type == 143",
        "igmp.type == 0x22",
        "icmp.type == 3 and icmp.code == 4 and icmp.mtu == 1400",
        "icmpv6.type == 2 and icmpv6.mtu == 1400",
        "icmp.type == 11",
        "icmpv6.type == 3",
        "ip.flags.mf == 1",
        "ipv6.fraghdr.offset > 0",
        "tcp.flags.fin == 1",
        "udp.checksum.status == 1",
        "tcp.checksum.status == 1",
    ],
)
def test_what_was_to_be_said_was_said(capture: Path, display_filter: str):
    assert tshark.frames(capture, display_filter)
