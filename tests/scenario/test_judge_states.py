from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from netlab.collect.events import Event
from netlab.scenario.judge import judge
from netlab.scenario.verdict import Judgement
from netlab.testing.dialogue import MILLISECOND
from netlab.testing.judging import PLACE
from netlab.testing.judging import judged as just_judged
from netlab.testing.plans import two_hosts
from netlab.testing.runs import analysed, connected, connected_both_ways, operation
from netlab.topology.expectations import StatesExpected
from netlab.topology.stacks import Stack
from netlab.wire.states import State

HANDSHAKE = """
    c1 > server  SYN seq=0
    server > c1  SYN ACK seq=0 ack=1
    c1 > server  ACK seq=1 ack=1
"""
CLOSE = """
    c1 > server  FIN ACK seq=1 ack=1
    server > c1  ACK seq=1 ack=2
    server > c1  FIN ACK seq=1 ack=2
    c1 > server  ACK seq=2 ack=2
"""


def judged(
    text: str,
    *states: str,
    node: str | None = None,
    events: Sequence[Event] = (),
    within: float = 5.0,
    connection: str = "first",
) -> Judgement:
    expectation = StatesExpected(
        where="lab.yaml:9:5",
        text="states of first",
        within=within,
        connection=connection,
        node=node,
        states=states,
    )
    plan = two_hosts(expectations=(expectation,))
    events = [connected("first"), *events]
    verdict = judge(plan, events, analysed(plan, text, events))
    assert verdict.passed is verdict.judgements[0].passed
    return verdict.judgements[0]


def test_the_states_of_the_opener_come_one_after_the_other() -> None:
    judgement = judged(HANDSHAKE + CLOSE, "SYN_SENT", "ESTABLISHED", "FIN_WAIT_1")

    assert judgement.passed
    assert (judgement.text, judgement.where) == ("states of first", "lab.yaml:9:5")
    assert judgement.expected == "first: SYN_SENT, ESTABLISHED, FIN_WAIT_1"
    assert judgement.frames == (1, 4, 7)


def test_the_states_of_the_other_end() -> None:
    assert judged(HANDSHAKE + CLOSE, "LISTEN", "SYN_RCVD", node="server").passed
    assert judged(HANDSHAKE + CLOSE, "LAST_ACK", "CLOSED", node="server").passed


def test_a_state_between_two_that_should_follow_directly() -> None:
    judgement = judged(HANDSHAKE + CLOSE, "ESTABLISHED", "FIN_WAIT_1", "TIME_WAIT")

    assert not judgement.passed
    assert judgement.seen.splitlines()[0] == (
        "CLOSED 0.001000 s, SYN_SENT 0.001000 s, ESTABLISHED 0.004000 s, FIN_WAIT_1 0.007000 s,"
        " FIN_WAIT_2 0.010000 s, TIME_WAIT 0.012000 s"
    )
    assert judgement.seen.splitlines()[1] == (
        "after FIN_WAIT_1 came FIN_WAIT_2 at 0.010000 s (frame 10), not TIME_WAIT"
    )
    assert judgement.frames == (4, 7)


MERGED = """
    c1 > server  FIN ACK seq=1 ack=1
    server > c1  FIN ACK seq=1 ack=2
    c1 > server  ACK seq=2 ack=2
"""


def on_stack(*changes: tuple[int, State]) -> Callable[[str], Judgement]:
    """Judges what c1's own stack tells of its states, each with its ms."""
    pair = {"transport": "tcp", "local": "10.0.0.2:40000", "foreign": "10.0.0.1:7"}
    events = [connected("first")]
    for (_, old), (at, new) in pairwise(((0, State.CLOSED), *changes)):
        data = {**pair, "old": old, "new": new, "source": "stack", "cause": "?"}
        events.append(Event(at * MILLISECOND, "state", "c1", data=data))
    plan = two_hosts()
    nodes = tuple(replace(each, stack=Stack.USER) for each in plan.nodes)

    def states(names: str) -> Judgement:
        expectation = StatesExpected(
            **PLACE, connection="first", node=None, states=tuple(names.split())
        )
        return just_judged(
            expectation, HANDSHAKE + MERGED, events, plan=lambda: replace(plan, nodes=nodes)
        )

    return states


def test_a_state_that_one_segment_leads_to_and_out_of_may_be_left_out() -> None:
    opened = (1, State.SYN_SENT), (4, State.ESTABLISHED), (7, State.FIN_WAIT_1)
    at_once = on_stack(*opened, (10, State.FIN_WAIT_2), (10, State.TIME_WAIT))

    assert at_once("ESTABLISHED FIN_WAIT_1 TIME_WAIT").passed
    assert at_once("ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT").passed
    judgement = at_once("ESTABLISHED TIME_WAIT")
    assert "after ESTABLISHED came FIN_WAIT_1" in judgement.seen


def test_a_state_that_lasts_may_not() -> None:
    opened = (1, State.SYN_SENT), (4, State.ESTABLISHED), (7, State.FIN_WAIT_1)
    later = on_stack(*opened, (10, State.FIN_WAIT_2), (11, State.TIME_WAIT))

    assert not later("FIN_WAIT_1 TIME_WAIT").passed


def test_states_that_stop_too_early() -> None:
    judgement = judged(HANDSHAKE, "ESTABLISHED", "FIN_WAIT_1")

    assert not judgement.passed
    assert judgement.seen.endswith("FIN_WAIT_1 did not come after ESTABLISHED")


def test_a_state_that_never_came() -> None:
    judgement = judged(HANDSHAKE, "CLOSE_WAIT")

    assert not judgement.passed
    assert judgement.seen.endswith("CLOSE_WAIT never came")


def test_a_connection_that_never_was() -> None:
    judgement = judged(HANDSHAKE, "ESTABLISHED", connection="second")

    assert not judgement.passed
    assert judgement.seen == "no packet of second; the connections are: first"


def test_a_node_that_is_no_end() -> None:
    judgement = judged(HANDSHAKE, "ESTABLISHED", node="c2")

    assert not judgement.passed
    assert judgement.seen == "c2 is no end of first; its ends are c1 and server"


def test_an_end_of_which_nothing_is_proven() -> None:
    judgement = judged("c1 > server SYN seq=0 lost=c1:eth0", "LISTEN", node="server")

    assert not judgement.passed
    assert judgement.seen == "the capture proves no state of server"


def test_what_comes_after_the_deadline_comes_too_late() -> None:
    step = Event(1_000_000, "step", "c1", data={"step": 1, "status": "done"})

    assert judged(HANDSHAKE, "ESTABLISHED", events=[step], within=0.1).passed
    late = judged(HANDSHAKE, "ESTABLISHED", events=[step], within=0.001)
    assert not late.passed
    assert late.seen.endswith("ESTABLISHED never came")


def test_of_a_simultaneous_open_each_name_is_about_its_own_end() -> None:
    text = """
        @1ms c1 > server  SYN seq=0
        @1.5ms server > c1  SYN seq=0
        @3ms server > c1  SYN ACK seq=0 ack=1
    """
    events = connected_both_ways("first", "second")

    assert judged(text, "SYN_RCVD", "ESTABLISHED", events=events).passed
    assert not judged(text, "SYN_RCVD", "ESTABLISHED", events=events, connection="second").passed
    assert judged(text, "SYN_SENT", "SYN_RCVD", events=events, connection="second").passed


def test_of_a_crowd_one_connection_has_to_go_there() -> None:
    text = """
        @1ms c1:4001 > server  SYN seq=0
        @11ms c1:4002 > server  SYN seq=0
        server > c1:4002  SYN ACK seq=0 ack=1
        c1:4002 > server  ACK seq=1 ack=1
    """
    events = [
        operation("crowd", at=15, op="connect", local=f"10.0.0.2:{4000 + index}",
                  foreign="10.0.0.1:7", took=MILLISECOND, index=index)
        for index in (1, 2)
    ]  # fmt: skip

    assert judged(text, "SYN_SENT", "ESTABLISHED", events=events, connection="crowd").passed
    assert not judged(text, "ESTABLISHED", "FIN_WAIT_1", events=events, connection="crowd").passed
