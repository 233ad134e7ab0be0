"""The labs of apps fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = [pytest.mark.lab, pytest.mark.premise]

BROKEN = {
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
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab(broken.text))
