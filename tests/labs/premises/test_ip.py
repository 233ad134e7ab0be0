"""The labs of ip fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = pytest.mark.lab

BROKEN = {
    "pmtud over another smallest MTU": Broken(
        "ip/pmtud", "mtu: 1300", "mtu: 1320", "over IPv6 TCP hears 1400 from r1"
    ),
    "pmtud by a client that lets its packets be fragmented": Broken(
        "ip/pmtud",
        "from: 1400, path_mtu_discovery: true",
        "from: 1400, path_mtu_discovery: false",
        "over IPv4 the next operation on that socket fails with EMSGSIZE, too",
    ),
    "errno-v4 by a router that says another code": Broken(
        "ip/errno-v4", "icmp: 3/7, about: udp-3-7", "icmp: 3/8, about: udp-3-7", "3/7 host unknown"
    ),
    "errno-v4 by a socket that hears no soft errors": Broken(
        "ip/errno-v4", "  - {hear_errors: soft-3-0}\n", "", "3/0 network unreachable"
    ),
    "errno-v4 by a connection that nothing is noted of": Broken(
        "ip/errno-v4",
        "{icmp: 3/2, about: noted}",
        "{icmp: 3/2, about: unnoted}",
        "a connection that gives up tells the error that came before",
    ),
    "errno-v4 by a process that stops listening": Broken(
        "ip/errno-v4",
        "  - {node: client, ping: server, count: 1, as: ping}",
        "  - {stop: process}\n  - {node: client, ping: server, count: 1, as: ping}",
        "a process with a raw socket sees errors",
    ),
    "errno-v6 by a router that says another code": Broken(
        "ip/errno-v6",
        "icmpv6: 1/1, about: udp-1-1",
        "icmpv6: 1/4, about: udp-1-1",
        "1/1 administratively prohibited",
    ),
    "errno-v6 by a socket that hears no soft errors": Broken(
        "ip/errno-v6", "  - {hear_errors: soft-3-0}\n", "", "3/0 hop limit exceeded"
    ),
    "pmtu-blackhole without the filters": Broken(
        "ip/pmtu-blackhole",
        "    filters: [{drop: icmp.type == 3 and icmp.code == 4}, {drop: icmpv6.type == 2}]\n",
        "",
        "no client hears it over IPv4",
    ),
    "pmtu-blackhole without a narrow link": Broken(
        "ip/pmtu-blackhole", "mtu: 1400", "mtu: 1500", "the first of them never arrives"
    ),
    "pmtu-blackhole by a host that does not probe": Broken(
        "ip/pmtu-blackhole",
        "net.ipv4.tcp_mtu_probing: 1",
        "net.ipv4.tcp_mtu_probing: 0",
        "it recovers",
    ),
    "pmtu-blackhole by a careful host that waits for trouble": Broken(
        "ip/pmtu-blackhole",
        "net.ipv4.tcp_mtu_probing: 2",
        "net.ipv4.tcp_mtu_probing: 1",
        "who probes from the beginning sends 1024 bytes at first",
    ),
    "redirect by a host that goes the right way": Broken(
        "ip/redirect", "via: wrong}", "via: right}", "and tells the host, 5/1, of the right router"
    ),
    "redirect to a host that does not listen": Broken(
        "ip/redirect",
        "  host: {kind: misled}",
        "  host: {kind: misled, sysctls: {net.ipv4.conf.all.accept_redirects: 0,"
        " net.ipv4.conf.eth0.accept_redirects: 0}}",
        "for its route has changed",
    ),
    "redirect by a route without link-local addresses": Broken(
        "ip/redirect",
        "ip -6 route replace fd00:1::/64 via fe80::ff:fe00:4 dev eth0",
        "ip -6 route replace fd00:1::/64 via fd00::4 dev eth0",
        "its redirect is part of neighbour discovery",
    ),
    "nd where somebody else has the absent address": Broken(
        "ip/nd", "10.0.0.99", "10.0.0.3", "for an address that nobody has"
    ),
    "nd with a host that takes no advertisements": Broken(
        "ip/nd",
        "net.ipv6.conf.eth0.accept_ra: 1",
        "net.ipv6.conf.eth0.accept_ra: 0",
        "a host makes an address of the prefix",
    ),
    "nd with a host that looks for no duplicates": Broken(
        "ip/nd",
        "net.ipv6.conf.all.accept_dad: 1, net.ipv6.conf.eth0.accept_dad: 1",
        "net.ipv6.conf.all.accept_dad: 0",
        "whoever has the address says so",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab(broken.text))
