"""The labs of links fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = [pytest.mark.lab, pytest.mark.premise]

LAB = "links/impairments"

BROKEN = {
    "a link with less delay": Broken(
        LAB, "delay: 20ms, jitter: 5ms", "delay: 5ms", "each packet takes 20 ms"
    ),
    "a faster link": Broken(LAB, "rate: 2 Mbit/s", "rate: 9 Mbit/s", "a link of 2 Mbit/s"),
    "a longer queue": Broken(
        LAB, "queue: 10 packets", "queue: 500 packets", "what finds its queue full"
    ),
    "losses both ways": Broken(
        LAB,
        '{"->": {loss: {enter: 2%, leave: 40%}}}',
        "{loss: {enter: 2%, leave: 40%}}",
        "on that link packets are lost one way only",
    ),
    "every third datagram": Broken(LAB, "every: 2", "every: 3", "every second datagram"),
    "no fault of a SYN": Broken(
        LAB, '      - {drop: tcp.flags.syn, nth: 1, way: "<-"}\n', "", "the first SYN,ACK is lost"
    ),
    "the other one held": Broken(
        LAB,
        "nth: 1, until: overtaking sent",
        "nth: 2, until: overtaking sent",
        "the datagram that is held",
    ),
    "a duplicate of another": Broken(
        LAB,
        "{duplicate: udp.dstport == 7, nth: 3",
        "{duplicate: udp.dstport == 7, nth: 2",
        "the third datagram comes twice",
    ),
    "no corruption": Broken(
        LAB,
        '      - {corrupt: udp.dstport == 7, nth: 4, way: "->"}\n',
        "",
        "in the fourth one bit is wrong",
    ),
    "a link that stays down": Broken(
        LAB,
        "flap: {down: 30ms, up: 30ms, times: 2}",
        "down: true",
        "a link that goes down and up ends no connection",
    ),
    "no loss while it runs": Broken(
        LAB, '{"->": {loss: 100%}}', '{"->": {loss: 0%}}', "a link that loses everything"
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab)
