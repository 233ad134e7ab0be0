"""The labs of ip fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = [pytest.mark.lab, pytest.mark.premise]

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
        "its route changes",
    ),
    "redirect by a route without link-local addresses": Broken(
        "ip/redirect",
        'fd00:1::/64", via: "fe80::ff:fe00:4"',
        'fd00:1::/64", via: "fd00::4"',
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
    "nd by a router that is none": Broken(
        "ip/nd", "lifetime: 600s", "lifetime: 600s, router: false", "and takes the router"
    ),
    "nd with a host that looks for no duplicates": Broken(
        "ip/nd",
        "net.ipv6.conf.all.accept_dad: 1, net.ipv6.conf.eth0.accept_dad: 1",
        "net.ipv6.conf.all.accept_dad: 0",
        "whoever has the address says so",
    ),
    "limits of a datagram that just fits": Broken(
        "ip/limits", "65528 bytes", "65527 bytes", "over IPv6 one byte more"
    ),
    "limits of an MTU that is allowed": Broken(
        "ip/limits", "eth0 mtu 67", "eth0 mtu 68", "67 is refused in words"
    ),
    "limits of IPv6 at its least MTU": Broken(
        "ip/limits", "mtu: 1279", "mtu: 1280", "at 1279 the interface has no IPv6"
    ),
    "limits of a datagram below the least MTU": Broken(
        "ip/limits",
        "send: 1232 bytes, receive: 1232",
        "send: 1231 bytes, receive: 1231",
        "a link with an MTU of 1280",
    ),
    "fragment-v4 over a larger MTU": Broken(
        "ip/fragment-v4", "mtu: 1000", "mtu: 1400", "r1 cuts the first two again"
    ),
    "fragment-v4 without an overlap": Broken(
        "ip/fragment-v4",
        "fragments: [0-16, 8-24]",
        "fragments: [0-16, 16-24]",
        "of fragments that overlap",
    ),
    "fragment-v4 with patience": Broken(
        "ip/fragment-v4", "ipfrag_time: 1", "ipfrag_time: 30", "of a datagram that stays incomplete"
    ),
    "fragment-v4 of a datagram with DF": Broken(
        "ip/fragment-v4",
        "path_mtu_discovery: false",
        "path_mtu_discovery: true",
        "the host sends 3000 bytes",
    ),
    "fragment-v6 over a larger MTU": Broken(
        "ip/fragment-v6", "mtu: 1300", "mtu: 1400", "r1 cannot forward"
    ),
    "fragment-v6 without an overlap": Broken(
        "ip/fragment-v6",
        "fragments: [0-16, 8-24]",
        "fragments: [0-16, 16-24]",
        "fragments that overlap",
    ),
    "fragment-v6 with patience": Broken(
        "ip/fragment-v6",
        "ip6frag_time: 1",
        "ip6frag_time: 60",
        "of a datagram that stays incomplete",
    ),
    "df over a larger MTU": Broken(
        "ip/df", "mtu: 1000", "mtu: 1200", "one byte less leaves the host"
    ),
    "df of a datagram that may be fragmented": Broken(
        "ip/df",
        "from: 1501, path_mtu_discovery: true",
        "from: 1501, path_mtu_discovery: false",
        "the program's next call",
    ),
    "df of a datagram that fits": Broken(
        "ip/df", "send: 973 bytes", "send: 972 bytes", "the host knows it now"
    ),
    "pmtu-asymmetric with another MTU there": Broken(
        "ip/pmtu-asymmetric", "there: 1400,", "there: 1350,", "over IPv4 the client hears of 1400"
    ),
    "pmtu-asymmetric with another MTU back": Broken(
        "ip/pmtu-asymmetric",
        "back: 1300}",
        "back: 1320}",
        "over IPv6 one byte more to the client is EMSGSIZE",
    ),
    "pmtu-asymmetric with one way": Broken(
        "ip/pmtu-asymmetric", "via: back}", "via: there}", "over IPv4 the router there sees nothing"
    ),
    "mss of another MTU": Broken("ip/mss", "mtu: 1280", "mtu: 1300", "over IPv4 an MTU of 1280"),
    "mss that nobody asked for": Broken("ip/mss", "mss: 1000, ", "", "a program may ask for less"),
    "mss that is said": Broken(
        "ip/mss",
        "timestamp: none, to: server, about: silent4",
        "timestamp: none, mss: 1000, to: server, about: silent4",
        "over IPv4 without the option",
    ),
    "mss that is no infinity": Broken(
        "ip/mss",
        "mss: 65535, to: server, about: infinite6",
        "mss: 1000, to: server, about: infinite6",
        "over IPv6 an MSS of 65535",
    ),
    "mss clamped to more": Broken(
        "ip/mss", "size set rt mtu", "size set 1400", "over IPv4 the router lowers the MSS"
    ),
    "reassembly-buffer over a larger MTU": Broken(
        "ip/reassembly-buffer",
        "[r, server], mtu: 68",
        "[r, server], mtu: 100",
        "576 bytes of IPv4 reach the server",
    ),
    "reassembly-buffer of a host with more memory": Broken(
        "ip/reassembly-buffer", "thresh: 20000", "thresh: 4000000", "over IPv6 no reply comes"
    ),
    "reassembly-buffer over a link that needs no fragments": Broken(
        "ip/reassembly-buffer",
        '[client, "server:six"], mtu: 1280',
        '[client, "server:six"], mtu: 1500',
        "1500 bytes of IPv6 reach the server",
    ),
    "ttl that reaches one router further": Broken(
        "ip/ttl",
        "ping: server, count: 1, ttl: 2",
        "ping: server, count: 1, ttl: 3",
        "over IPv4 ping hears that it was r2",
    ),
    "ttl on a way without a loop": Broken(
        "ip/ttl",
        "r2: {role: router, routes: [{to: 192.0.2.0/24, via: r1},",
        "r2: {role: router, routes: [{to: 192.0.2.0/24, via: r3},",
        "over IPv4 a routing loop",
    ),
    "ttl on a way without a loop of IPv6": Broken(
        "ip/ttl",
        'via: r1}, {to: "2001:db8::/32", via: r1}',
        'via: r1}, {to: "2001:db8::/32", via: r3}',
        "over IPv6 then the loop ends",
    ),
    "headers with another ECN": Broken(
        "ip/headers", "ecn: ect1", "ecn: ect0", "IPv4, a program sets DSCP"
    ),
    "headers of a datagram with DF": Broken(
        "ip/headers",
        "path_mtu_discovery: false",
        "path_mtu_discovery: true",
        "IPv4, without DF",
    ),
    "headers with another flow label": Broken(
        "ip/headers",
        "flow_label: 0x12345",
        "flow_label: 0x12346",
        "IPv6, whoever sends may choose it",
    ),
    "headers with another option": Broken(
        "ip/headers", 'options: "9404 0000"', 'options: "0101 0100"', "IPv4, options lengthen"
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab)
