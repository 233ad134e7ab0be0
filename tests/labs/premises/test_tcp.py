"""The labs of tcp fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = pytest.mark.lab

BROKEN = {
    "handshake at a closed port": Broken(
        "tcp/handshake", "{echo: tcp/7}", "{echo: tcp/8}", "SYN j is answered by SYN k"
    ),
    "handshake with another MSS": Broken(
        "tcp/handshake", "as: opened}", "mss: 1000, as: opened}", "both SYNs announce"
    ),
    "handshake with a longer request": Broken(
        "tcp/handshake", "send: 1 byte,", "send: 2 bytes,", "the client's SYN took number 0"
    ),
    "close by a server that does not wait": Broken(
        "tcp/close", "close_after: 100ms", "close_after: 0ms", "four segments close"
    ),
    "close by a server that waits": Broken(
        "tcp/close",
        "- {echo: tcp/8, acks: delayed}",
        "- {echo: tcp/8, acks: delayed, close_after: 100ms}",
        "a server that closes at once",
    ),
    "close after data that did not wait for the FIN": Broken(
        "tcp/close", "more: true", "more: false", "a FIN rides on the last data"
    ),
    "close without an exit": Broken(
        "tcp/close", "  - {exit: leaver}\n", "", "a process that exits"
    ),
    "observed with a request of two segments": Broken(
        "tcp/observed", "send: 500 bytes", "send: 1500 bytes", "request and reply take one segment"
    ),
    "observed with a quick server": Broken(
        "tcp/observed", "think: 1s", "think: 0s", "a server that takes 1 s acknowledges"
    ),
    "observed with a thoughtful server": Broken(
        "tcp/observed",
        "acks: delayed, close_after",
        "think: 200ms, acks: delayed, close_after",
        "the exchange of figure 2-5",
    ),
    "observed with a server that does not wait to close": Broken(
        "tcp/observed", ", close_after: 100ms", "", "ten segments in all"
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab(broken.text))
