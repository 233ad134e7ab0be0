"""The labs of udp fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = [pytest.mark.lab, pytest.mark.premise]

BROKEN = {
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
    "checksum of another port": Broken(
        "udp/checksum",
        "from: 8080, as: example}",
        "from: 8081, as: example}",
        "pseudo header, header",
    ),
    "checksum of words that add up to something else": Broken(
        "udp/checksum", "1234 253c", "1234 253d", "where it comes out as 0"
    ),
    "checksum over an unspoilt link": Broken(
        "udp/checksum", "nth: [1, 3]", "nth: 3", "in one of two datagrams with a checksum"
    ),
    "checksum where there was to be none": Broken(
        "udp/checksum",
        "checksum: false, as: blind}",
        "as: blind}",
        "it comes to the program, which sends it back",
    ),
    "checksum over IPv6, where there was to be none": Broken(
        "udp/checksum",
        "checksum: false, as: blind6}",
        "as: blind6}",
        "over IPv6 a datagram without a checksum",
    ),
    "unreachable where somebody listens": Broken(
        "udp/unreachable",
        "connect: udp server:9, from: 1500, as: connected",
        "connect: udp server:7, from: 1500, as: connected",
        "sending succeeds, for UDP has no answer",
    ),
    "unreachable heard by a socket that is connected": Broken(
        "udp/unreachable",
        """open: udp4, from: 1501, as: unconnected}
  - {send: 100 bytes, to: "server:9", over: unconnected}""",
        """connect: udp server:9, from: 1501, as: unconnected}
  - {send: 100 bytes, over: unconnected}""",
        "but the unconnected socket hears nothing",
    ),
    "broadcast-multicast by a socket that may": Broken(
        "udp/broadcast-multicast",
        "as: shy}\n",
        "as: shy}\n  - {broadcast: shy}\n",
        "without SO_BROADCAST a socket may not send to everybody",
    ),
    "broadcast-multicast with a stranger that joins": Broken(
        "udp/broadcast-multicast",
        "  - {join: 239.1.2.3, over: far}\n",
        "  - {join: 239.1.2.3, over: far}\n  - {join: 239.1.2.3, over: s}\n",
        "a socket on a host that joined no group gets broadcasts only",
    ),
    "broadcast-multicast with the loop on": Broken(
        "udp/broadcast-multicast",
        "loop: false",
        "loop: true",
        "the sender's own host hears what it sends to a group",
    ),
    "broadcast-multicast without leaving": Broken(
        "udp/broadcast-multicast",
        "  - {leave: 239.1.2.3, over: m2}\n",
        "",
        "a socket that joins gets it, and one that leaves gets no more",
    ),
    "boundaries of one send": Broken(
        "udp/boundaries",
        "{send: Hello1, over: two}",
        "{send: Hello1Hi2, over: two}",
        "over IPv4 two sends are two datagrams",
    ),
    "boundaries with room enough": Broken(
        "udp/boundaries", "by: 10 bytes", "by: 100 bytes", "over IPv6 a buffer of 10 bytes"
    ),
    "boundaries of sends that are not held back": Broken(
        "udp/boundaries", "over: stream, more: true", "over: stream", "TCP joins what two sends"
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab)
