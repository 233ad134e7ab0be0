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
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab(broken.text))
