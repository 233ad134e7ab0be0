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
    "server models with a quick iterative server": Broken(
        "sockets/server-models",
        "model: iterative, think: 100ms",
        "model: iterative",
        "an iterative server's last client",
    ),
    "server models that fork instead of preforking": Broken(
        "sockets/server-models",
        "model: prefork, workers: 3, accept_lock: true",
        "model: fork",
        "three children that were forked before",
    ),
    "server models with an iterative server for threads": Broken(
        "sockets/server-models", "model: thread", "model: iterative", "it has a thread for each"
    ),
    "server models with many threads": Broken(
        "sockets/server-models",
        "model: prethread, workers: 3",
        "model: thread",
        "three threads that were made before",
    ),
    "server models with a forking server for select": Broken(
        "sockets/server-models", "model: select", "model: fork", "with select, one process"
    ),
    "server models with an iterative server for epoll": Broken(
        "sockets/server-models", "model: epoll", "model: iterative", "with epoll, no client waits"
    ),
    "server models with threads for coroutines": Broken(
        "sockets/server-models", "model: asyncio", "model: thread", "with coroutines, one process"
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab(broken.text))
