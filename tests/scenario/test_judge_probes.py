from __future__ import annotations

from typing import Any

from netlab.collect.events import Event
from netlab.scenario.judge import judge
from netlab.scenario.verdict import Judgement
from netlab.testing.plans import two_hosts
from netlab.testing.runs import analysed, operation
from netlab.topology.expectations import (
    Count,
    Expectation,
    HopsExpected,
    ObservedExpected,
    ProbeErrorsExpected,
    RepliesExpected,
)

REPLY = {"seq": 1, "rtt": 1000, "from": "10.0.0.1", "bytes": 56}
ERROR = {"seq": 2, "error": "3/1", "from": "10.0.0.1"}
PING = operation(
    "p", op="ping", transmitted=3, replies=1, probes=[REPLY, ERROR, {"seq": 3, "lost": True}]
)
HOPS = [{"ttl": 1, "from": None}, {"ttl": 2, "from": "10.9.9.9"}, {"ttl": 3, "from": "10.0.0.1"}]
TRACE = operation("t", op="traceroute", hops=HOPS)


def judged(expectation: Expectation, *events: Event) -> Judgement:
    plan = two_hosts(expectations=(expectation,))
    return judge(plan, events, analysed(plan, "")).judgements[0]


def expected(kind: type[Expectation], **fields: Any) -> Any:
    return kind(where="", text="", **fields)


def heard(kind: int, code: int) -> Event:
    return Event(1, "icmp", "c1", "seen", {"version": 4, "type": kind, "code": code})


def test_replies_are_counted() -> None:
    assert judged(expected(RepliesExpected, name="p", count=Count("==", 1)), PING).passed
    none = judged(expected(RepliesExpected, name="p", count=Count("==", 3)), PING)
    assert not none.passed
    assert none.seen == "1 replies to 3 echoes"


def test_a_ping_that_failed_says_why() -> None:
    failed = operation("p", op="ping", status="error", errno="EPERM", error="not permitted")
    assert judged(expected(RepliesExpected, name="p", count=Count(">=", 0)), failed).seen == (
        "p failed: not permitted"
    )


def test_hops_are_nodes_silence_or_addresses() -> None:
    right = ("*", "10.9.9.9", "server")
    assert judged(expected(HopsExpected, name="t", nodes=right), TRACE).passed
    wrong = judged(expected(HopsExpected, name="t", nodes=("server",)), TRACE)
    assert not wrong.passed
    assert wrong.seen == "it met *, 10.9.9.9, server"
    assert judged(expected(HopsExpected, name="t", nodes=right)).seen == "t was never done"


def test_errors_of_probes_with_or_without_who_says_so() -> None:
    def passes(*errors: str) -> bool:
        return judged(expected(ProbeErrorsExpected, name="p", errors=errors), PING).passed

    assert passes("3/1 from server")
    assert passes("3/1")
    assert not passes("3/1 from c1")
    assert not passes()
    assert not passes("3/1", "3/1")


def test_what_an_observer_hears_comes_in_order() -> None:
    events = heard(3, 1), heard(11, 0), heard(3, 3)

    def passes(*messages: str, exact: bool = False) -> bool:
        wanted = expected(ObservedExpected, name="seen", messages=messages, exact=exact)
        return judged(wanted, *events).passed

    assert passes("icmp 3/1", "icmp 3/3")
    assert not passes("icmp 3/3", "icmp 3/1")
    assert not passes("icmp 3/1", "icmp 3/3", exact=True)
    assert passes("icmp 3/1", "icmp 11/0", "icmp 3/3", exact=True)
    assert not passes("icmpv6 3/1")
