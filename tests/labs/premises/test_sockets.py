"""The labs of sockets fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = pytest.mark.lab

BROKEN = {
    "concurrent server that is iterative": Broken(
        "sockets/concurrent-server",
        "model: fork",
        "model: iterative",
        "the second client is served",
    ),
    "concurrent server at one address": Broken(
        "sockets/concurrent-server",
        "echo: tcp/21,",
        "echo: tcp/21, address: 12.106.32.254,",
        "figure 2-11",
    ),
    "demux without the second host": Broken(
        "sockets/demux",
        "{node: c2, connect: tcp server:21, from: 1500, as: third}",
        "{node: c2, connect: tcp server:21, from: 1600, as: third}",
        "three TCP connections and the listening socket",
    ),
    "demux of a pair that is new": Broken(
        "sockets/demux", "from: 1500, within: 1s, as: again", "from: 1502, as: again", "a pair of"
    ),
    "bind to the wildcard": Broken(
        "sockets/bind-one-address",
        "{echo: tcp/7, address: path1}",
        "{echo: tcp/7}",
        "a client of the other address is refused",
    ),
    "bind a UDP service to the wildcard": Broken(
        "sockets/bind-one-address",
        "{echo: udp/7, address: path1}",
        "{echo: udp/7}",
        "over UDP the other address answers port unreachable",
    ),
    "bind everything to one address": Broken(
        "sockets/bind-one-address",
        "{echo: tcp/8}",
        "{echo: tcp/8, address: path1}",
        "a server bound to the wildcard",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab(broken.text))
