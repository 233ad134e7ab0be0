"""host and server-side routers on one LAN: a router that is not the best first hop says so."""

from __future__ import annotations

import pytest

from netlab.stack import sysctls
from netlab.stack.ip.events import RouteChanged
from netlab.stack.ip.routes import Route
from netlab.testing.network import Network
from netlab.wire.address import from_text
from netlab.wire.ipv4 import Ipv4

SERVER4, SERVER6 = from_text("10.0.1.2"), from_text("fd00:1::2")
VERSIONS = pytest.mark.parametrize("server", [SERVER4, SERVER6])


def a_lan(*, routers: tuple[str, ...] = ("wrong", "right")) -> Network:
    """host, wrong and right on a LAN; the server behind right, as host does not know."""
    network = Network()
    for name in routers:
        network.add(name, is_router=True)
    network.link("host 10.0.0.1/24 fd00::1/64", "wrong 10.0.0.3/24", "right 10.0.0.4/24")
    network.link("right 10.0.1.254/24 fd00:1::fe/64", "server 10.0.1.2/24 fd00:1::2/64")
    wrong, right = network.hosts["wrong"].ip, network.hosts["right"].ip
    wrong.add_address(0, "eth0", from_text("fd00::3"), 64)
    right.add_address(0, "eth0", from_text("fd00::4"), 64)
    for name, v4, v6 in (
        ("host", "10.0.0.3", wrong.interfaces["eth0"].link_local),
        ("wrong", "10.0.0.4", right.interfaces["eth0"].link_local),
    ):
        network.hosts[name].ip.add_route(0, Route(bytes(4), 0, "eth0", from_text(v4)))
        network.hosts[name].ip.add_route(0, Route(bytes(16), 0, "eth0", v6))
    for gateway in ("10.0.1.254", "fd00:1::fe"):
        by = from_text(gateway)
        network.hosts["server"].ip.add_route(0, Route(bytes(len(by)), 0, "eth0", by))
    network.settle()
    return network


def set_all(network: Network, name: str, word: str, values: dict[str, str]) -> None:
    """``values`` by what is before and behind ``conf.`` in the keys of Linux."""
    for where, value in values.items():
        version, _, place = where.partition(".")
        sysctls.apply(network.hosts[name], f"net.{version}.conf.{place}.{word}", value)


def send(network: Network, server: bytes) -> None:
    network.hosts["host"].udp.socket(v6=len(server) == 16).send(network.now, b"x", server, 9)
    network.pass_(0.1)


def redirects(network: Network) -> int:
    messages = [p.icmp or p.icmpv6 for p in network.packets("wrong")]
    return len([m for m in messages if m is not None and m.name == "redirect"])


@VERSIONS
def test_the_second_packet_goes_the_better_way(server: bytes):
    network = a_lan()
    send(network, server)
    assert redirects(network) == 1
    forwarded = len([p for p in network.packets("wrong") if p.udp])
    assert forwarded == 1  # nothing is lost
    right = network.hosts["right"].ip.interfaces["eth0"]
    better = right.link_local if len(server) == 16 else from_text("10.0.0.4")
    assert network.hosts["host"].ip.sender.way(server).next_hop == better
    send(network, server)
    assert len([p for p in network.packets("wrong") if p.udp]) == 1
    changed = [e for e in iter(network.hosts["host"].next_event, None) if type(e) is RouteChanged]
    assert [(c.prefix, c.gateway) for c in changed] == [(server, better)]
    assert all(p.problems == () for p in network.packets())


def test_a_redirect_quotes_the_datagram_as_it_was_passed_on():
    network = a_lan()
    send(network, SERVER4)
    (quoted,) = [p.quoted for p in network.packets("wrong") if p.icmp and p.quoted]
    assert isinstance(quoted.ip, Ipv4)
    assert (quoted.ip.ttl, quoted.problems) == (63, ())


@VERSIONS
def test_who_does_not_follow_is_told_a_bounded_number_of_times(server: bytes):
    network = a_lan()
    off = {"ipv4.all": "0", "ipv4.eth0": "0", "ipv6.eth0": "0"}
    set_all(network, "host", "accept_redirects", off)
    for _ in range(20):
        send(network, server)
    assert 1 < redirects(network) <= 8
    assert network.hosts["host"].ip.sender.way(server).next_hop != server


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({"ipv4.all": "0"}, 1),
        ({"ipv4.eth0": "0"}, 1),
        ({"ipv4.all": "0", "ipv4.eth0": "0"}, 0),
    ],
)
def test_a_router_can_be_told_not_to(values: dict[str, str], count: int):
    network = a_lan()
    set_all(network, "wrong", "send_redirects", values)
    send(network, SERVER4)
    assert redirects(network) == count
    send(network, SERVER6)
    assert redirects(network) == count + 1


def test_only_the_present_first_hop_may_redirect():
    network = a_lan()
    network.hosts["host"].ip.add_route(0, Route(SERVER4, 32, "eth0", from_text("10.0.0.4")))
    seen: list[bytes] = []
    send(network, from_text("10.0.1.77"))  # wrong redirects this one
    seen += [s.frame for s in network.seen if s.packet.icmp and s.where == "wrong:eth0"]
    assert len(seen) == 1
    before = network.hosts["host"].ip.sender.way(SERVER4).next_hop
    forged = seen[0]
    network.hosts["host"].ip.routes.forget_gateway(from_text("10.0.0.4"))
    network.hosts["host"].ip.add_route(
        0, Route(from_text("10.0.1.77"), 32, "eth0", from_text("10.0.0.9"))
    )
    network.deliver("host", "eth0", forged)  # now 10.0.0.9 is the first hop
    assert network.hosts["host"].ip.sender.way(from_text("10.0.1.77")).next_hop == from_text(
        "10.0.0.9"
    )
    assert network.hosts["host"].ip.sender.way(SERVER4).next_hop == before


@pytest.mark.parametrize(
    ("server", "is_router", "values", "follows"),
    [
        (SERVER4, False, {"ipv4.all": "0"}, True),
        (SERVER4, False, {"ipv4.eth0": "0"}, True),
        (SERVER4, False, {"ipv4.all": "0", "ipv4.eth0": "0", "ipv6.eth0": "1"}, False),
        (SERVER4, True, {}, False),
        (SERVER4, True, {"ipv4.all": "1"}, False),
        (SERVER4, True, {"ipv4.eth0": "1"}, False),
        (SERVER4, True, {"ipv4.all": "1", "ipv4.eth0": "1"}, True),
        (SERVER6, False, {"ipv4.all": "0", "ipv4.eth0": "0"}, True),
        (SERVER6, False, {"ipv6.eth0": "0"}, False),
        (SERVER6, True, {}, False),
        (SERVER6, True, {"ipv6.eth0": "1"}, False),
    ],
)
def test_redirects_are_accepted_by_the_rules_of_linux(
    server: bytes, *, is_router: bool, values: dict[str, str], follows: bool
):
    network = a_lan(routers=("wrong", "right", "host") if is_router else ("wrong", "right"))
    set_all(network, "host", "accept_redirects", values)
    before = network.hosts["host"].ip.sender.way(server).next_hop
    send(network, server)
    assert redirects(network) == 1
    assert (network.hosts["host"].ip.sender.way(server).next_hop != before) is follows
