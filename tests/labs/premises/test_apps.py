"""The labs of apps fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = [pytest.mark.lab, pytest.mark.premise]

BROKEN = {
    "system-ping over IPv6 alone": Broken(
        "apps/system-ping",
        "exec: ping -4 -n -c 2",
        "exec: ping -6 -n -c 2",
        "both send 56 bytes of data",
    ),
    "system-ping over a link of the usual MTU": Broken(
        "apps/system-ping", "mtu: 1400}", "mtu: 1500}", "so it does of a path whose MTU"
    ),
    "ping-traceroute over another MTU": Broken(
        "apps/ping-traceroute",
        "mtu: 1400",
        "mtu: 1420",
        "an unbroken echo longer than 1400 bytes ends at r1",
    ),
    "ping-traceroute with no silent router": Broken(
        "apps/ping-traceroute",
        ", filters: [{drop: icmp.type == 11 or icmpv6.type == 3, on: output}]",
        "",
        "traceroute by UDP meets the routers in their order",
    ),
    "ping-traceroute with too small a TTL": Broken(
        "apps/ping-traceroute", "ttl: 4", "ttl: 3", "four hops need a TTL of four"
    ),
    "ping-traceroute to somebody": Broken(
        "apps/ping-traceroute", "10.0.3.77", "10.0.3.1", "where nobody is, nobody answers"
    ),
    "dns of a resolver that may be sent more": Broken(
        "apps/dns", "+noedns ", "", "who says nothing gets 512 bytes at most"
    ),
    "dns of a resolver that heeds TC always": Broken(
        "apps/dns", "+ignore ", "", "TC was heeded three times"
    ),
    "dns of a resolver that begins with TCP": Broken(
        "apps/dns",
        "dig -4 @server poem",
        "dig -4 +tcp @server poem",
        "so far nobody has needed TCP",
    ),
    "dns of a resolver with a larger limit": Broken(
        "apps/dns", "+bufsize=600", "+bufsize=1232", "a limit that the resolver gives itself"
    ),
    "dns of a server with a smaller limit": Broken(
        "apps/dns",
        "no-hosts\n",
        "no-hosts\n        edns-packet-max=600\n",
        "who says by EDNS that 1232 bytes may come",
    ),
    "http with a connection for each request": Broken(
        "apps/http",
        "curl -6 -sS -i",
        "curl -6 -sS -i -H 'Connection: close'",
        "HTTP/1.1 asks for the second page over the connection",
    ),
    "http without a second page": Broken(
        "apps/http", "/srv/second.html", "/srv/third.html", "the program gets the page"
    ),
    "http with all that is asked for": Broken(
        "apps/http", "server/nothing", "server/index.html", "what is not there is a reply too"
    ),
    "http over IPv4 only": Broken("apps/http", "curl -6", "curl -4", "over IPv6 too"),
    "bgp where the routes are there already": Broken(
        "apps/bgp", "ip route del 10.0.2.0/24 && ", "", "a router without a route says so"
    ),
    "bgp with TTLs that cannot be forged": Broken(
        "apps/bgp",
        "template bgp neighbour {\n",
        "template bgp neighbour {\n          ttl security yes;\n",
        "neighbours share a link",
    ),
    "ospf where the routes are there already": Broken(
        "apps/ospf", "ip route del 10.0.2.0/24 && ", "", "a router without a route says so"
    ),
    "ospf on the links of hosts": Broken(
        "apps/ospf", "stub yes", "type ptp", "hosts hear nothing of OSPF"
    ),
    "dhcp with an address already": Broken(
        "apps/dhcp",
        '  - {interface: "client:eth0", remove: 10.0.0.1/24}\n',
        "",
        "without an address there is no way",
    ),
    "dhcp of another address": Broken(
        "apps/dhcp",
        "10.0.0.100,10.0.0.100",
        "10.0.0.101,10.0.0.101",
        "the server answers the address that it offers",
    ),
    "dhcp of another router": Broken(
        "apps/dhcp",
        "option:router,10.0.0.2",
        "option:router,10.0.0.3",
        "the client has the address",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab)
