"""Why a RST came, told as dialogues whose last line is the RST."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.analyse import analyse
from netlab.analyse.model import Sighting
from netlab.collect.events import Event
from netlab.testing.plans import routed, two_hosts
from netlab.testing.runs import only_connection
from netlab.topology.filters import Hook, PacketFilter
from netlab.topology.plan import Plan
from netlab.topology.steps.base import Timing
from netlab.topology.steps.filters import SetFilter

HANDSHAKE = """
    c1 > server  SYN seq=0
    server > c1  SYN ACK seq=0 ack=1
    c1 > server  ACK seq=1 ack=1
"""
REJECT = PacketFilter("reject", "tcp", Hook.INPUT, (), resets=True)
REFUSAL = """
    c1 > server SYN seq=0
    server > c1 RST ACK seq=0 ack=1
"""


def reason(text: str, plan: Plan | None = None) -> tuple[str, ...]:
    return only_connection(plan or two_hosts(), text).arrows[-1].notes


def filtering(plan: Plan, node: str) -> Plan:
    nodes = (replace(each, filters=(REJECT,)) if each.name == node else each for each in plan.nodes)
    return replace(plan, nodes=tuple(nodes))


def test_an_answer_to_a_syn() -> None:
    assert reason(REFUSAL) == ("no such port",)


def test_a_syn_that_a_filter_may_have_answered_is_refused_no_more_is_known() -> None:
    by_step = SetFilter(where="", text="", timing=Timing(), node="server", filter=REJECT)

    assert reason(REFUSAL, filtering(two_hosts(), "server")) == ("refused",)
    assert reason(REFUSAL, replace(two_hosts(), steps=(by_step,))) == ("refused",)
    assert reason(REFUSAL, filtering(two_hosts(), "c1")) == ("no such port",)


def test_an_answer_to_data_of_a_connection_that_the_end_has_forgotten() -> None:
    text = (
        HANDSHAKE
        + """
        c1 > server ACK seq=1 ack=1 len=10
        server > c1 RST seq=1
    """
    )
    assert reason(text) == ("half-open",)
    assert reason(text, filtering(two_hosts(), "server")) == ()


def test_each_of_several_segments_is_answered() -> None:
    assert reason(
        HANDSHAKE
        + """
        @10ms c1 > server ACK seq=1 ack=1 len=10
        @10.1ms c1 > server ACK seq=11 ack=1 len=10
        @12ms server > c1 RST seq=1
        @12.1ms server > c1 RST seq=1
        """
    ) == ("half-open",)


@pytest.mark.parametrize("flags", ["RST ACK seq=1 ack=1", "RST ACK seq=1 ack=0"])
def test_an_end_that_had_the_connection_gives_it_up(flags: str) -> None:
    assert reason(HANDSHAKE + f"server > c1 {flags}") == ("aborted",)


def test_data_for_an_end_that_has_closed_or_aborted() -> None:
    closed = """
        c1 > server FIN ACK seq=1 ack=1
        server > c1 ACK seq=1 ack=2 len=10
        c1 > server RST seq=2
    """
    aborted = """
        @20ms server > c1 RST ACK seq=1 ack=1
        @20.1ms c1 > server ACK seq=1 ack=1 len=10
        server > c1 RST seq=1
    """
    assert reason(HANDSHAKE + closed) == ("already closed",)
    assert reason(HANDSHAKE + aborted) == ("already closed",)


def test_an_answer_to_a_syn_ack_that_nobody_waits_for() -> None:
    assert reason(
        """
        c1 > server SYN seq=0
        server > c1 SYN ACK seq=0 ack=1
        c1 > server RST seq=1
        """
    ) == ("no such connection",)


def test_an_answer_to_a_connection_that_never_was() -> None:
    assert reason(
        """
        c1 > server ACK seq=1 ack=1 len=10
        server > c1 RST seq=1
        """
    ) == ("no such connection",)


@pytest.mark.parametrize(
    "text",
    [
        "c1 > server RST seq=1",  # nothing came that it could answer
        """
        server > c1 ACK seq=1 ack=1 len=10
        c1 > server RST seq=77
        """,
        """
        server > c1 ACK seq=1 ack=1 len=10 lost=server:eth0
        c1 > server RST seq=1
        """,
    ],
)
def test_what_the_packets_do_not_prove_is_not_said(text: str) -> None:
    assert reason(HANDSHAKE + text) == ()


def test_an_answer_in_another_s_name_proves_nothing_of_it() -> None:
    """The router made the RST: it is never seen to leave the server."""
    plan = routed()
    connection = only_connection(plan, REFUSAL)
    rst = connection.arrows[-1]
    assert rst.notes == ("no such port",)
    without = [hop for arrow in connection.arrows for hop in arrow.transit.hops]
    from_router = [
        hop
        for hop in without
        if not (hop.node == "server" and hop.outbound)
        and not (hop.node == "r1" and not hop.outbound and hop.number in _numbers(rst.transit.hops))
    ]
    captures = [
        Event(0, "capture", hop.node, data={"interface": hop.interface, "packets": 1, "drops": 0})
        for hop in without
    ]
    (again,) = analyse(plan, captures, from_router).connections
    assert again.arrows[-1].transit.sent is None
    assert again.arrows[-1].notes == ()


def _numbers(hops: tuple[Sighting, ...]) -> set[int]:
    return {hop.number for hop in hops}
