"""A shipped lab fails when its premise is broken, and says which fact it could not show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from netlab import shipped
from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab


@dataclass(frozen=True)
class Broken:
    """``lab`` with ``old`` replaced by ``new`` no longer shows ``fact``, a sentence's beginning."""

    lab: str
    old: str
    new: str
    fact: str

    @property
    def text(self) -> str:
        text = (shipped.folder() / f"{self.lab}.yaml").read_text()
        assert self.old in text, f"{self.lab} has no {self.old!r} any more"
        return text.replace(self.old, self.new)


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
    "pmtud over another smallest MTU": Broken(
        "ip/pmtud", "mtu: 1300", "mtu: 1320", "over IPv6 TCP hears 1400 from r1"
    ),
    "pmtud by a client that lets its packets be fragmented": Broken(
        "ip/pmtud",
        "from: 1400, path_mtu_discovery: true",
        "from: 1400, path_mtu_discovery: false",
        "over IPv4 the next operation on that socket fails with EMSGSIZE, too",
    ),
    "output over a larger MTU": Broken(
        "udp/output",
        "- client -- server",
        "- {ends: [client, server], mtu: 9000}",
        "2000 bytes go in two fragments",
    ),
    "output of a datagram that just fits": Broken(
        "udp/output", "send: 65508 bytes", "send: 65507 bytes", "one byte more than 65507"
    ),
    "output of a datagram that may be fragmented": Broken(
        "udp/output", "path_mtu_discovery: true, ", "", "a datagram that must not be fragmented"
    ),
    "output from a larger buffer": Broken(
        "udp/output", "send_buffer: 4608 bytes", "send_buffer: 64 KB", "a datagram whose fragments"
    ),
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
    "standard without the super-server": Broken(
        "services/standard",
        "{echo: [tcp/7, udp/7], model: inetd}",
        "{echo: [tcp/7, udp/7]}",
        "the server runs its agent and one super-server",
    ),
    "standard services without discard": Broken(
        "services/standard", "[tcp/9, udp/9]", "[tcp/9]", "discard over UDP answers nothing"
    ),
    "standard services with time for daytime": Broken(
        "services/standard",
        "- {daytime: [tcp/13, udp/13], model: inetd}",
        "- {time: [tcp/13, udp/13], model: inetd}",
        "the line is a date and a time",
    ),
    "standard services with echo for chargen": Broken(
        "services/standard",
        "- {chargen: [tcp/19, udp/19], model: inetd}",
        "- {echo: [tcp/19, udp/19], model: inetd}",
        "chargen over UDP answers",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    outcome = run_lab(broken.text)

    assert outcome.exit_code == 1, str(outcome)
    assert any(text.startswith(broken.fact) for text in outcome.failed), str(outcome)


def test_every_lab_is_broken_at_least_once() -> None:
    assert {broken.lab for broken in BROKEN.values()} == set(shipped.names())
