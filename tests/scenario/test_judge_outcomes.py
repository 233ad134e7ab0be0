from __future__ import annotations

import hashlib
from typing import Any

import pytest

from netlab.collect.events import Event
from netlab.scenario.judge import judge
from netlab.scenario.verdict import Judgement
from netlab.testing.plans import two_hosts
from netlab.testing.runs import analysed, operation
from netlab.topology.expectations import (
    ErrnoExpected,
    Expectation,
    ProgramExpected,
    ReceivedExpected,
)

HELLO = hashlib.sha256(b"hello").hexdigest()
WORLD = hashlib.sha256(b"world").hexdigest()
REFUSED = operation("first", op="connect", status="error", errno="ECONNREFUSED")


def judged(expectation: Expectation, *events: Event) -> Judgement:
    plan = two_hosts(expectations=(expectation,))
    return judge(plan, events, analysed(plan, "")).judgements[0]


def errno(name: str | None) -> ErrnoExpected:
    return ErrnoExpected(where="", text="errno", name="first", errno=name)


def received(**wanted: Any) -> ReceivedExpected:
    return ReceivedExpected(where="", text="received", connection="first", **wanted)


def program(**wanted: Any) -> ProgramExpected:
    return ProgramExpected(where="", text="program", name="ping", **wanted)


def ended(**data: object) -> Event:
    return Event(1, "program", "c1", "ping", data)


def test_an_operation_fails_with_the_errno() -> None:
    assert judged(errno("ECONNREFUSED"), REFUSED).passed


def test_the_first_failure_counts() -> None:
    unreachable = operation("first", op="send", status="error", errno="EHOSTUNREACH")

    judgement = judged(errno("EHOSTUNREACH"), REFUSED, unreachable)

    assert not judgement.passed
    assert judgement.expected == "first fails with EHOSTUNREACH"
    assert judgement.seen == "connect failed with ECONNREFUSED at 0.010000 s"


def test_a_deadline_of_the_file_has_no_errno() -> None:
    late = operation("first", op="connect", status="error", errno=None, error="not done within 2 s")

    judgement = judged(errno("ETIMEDOUT"), late)

    assert not judgement.passed
    assert judgement.seen.startswith("connect failed without an errno: not done within 2 s at ")


def test_nothing_fails() -> None:
    fine = operation("first", op="connect")

    assert judged(errno(None), fine).passed
    assert not judged(errno(None), fine, REFUSED).passed


def test_what_should_fail_and_does_not() -> None:
    judgement = judged(
        errno("ECONNREFUSED"), operation("first", op="connect"), operation("first", op="send")
    )

    assert not judgement.passed
    assert judgement.seen == "nothing failed; done were: connect, send"


@pytest.mark.parametrize("name", ["ECONNREFUSED", None])
def test_an_operation_that_was_never_done_neither_fails_nor_succeeds(name: str | None) -> None:
    judgement = judged(errno(name), operation("second", op="connect"))

    assert not judgement.passed
    assert judgement.seen == "no operation on first was done"


ECHOED = operation(
    "first",
    op="receive",
    text="hello",
    received=5,
    received_sha256=HELLO,
    sent=5,
    sent_sha256=HELLO,
)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ({"size": 5}, {"size": 6}),
        ({"sha256": HELLO}, {"sha256": WORLD}),
        ({"expected_text": "hello"}, {"expected_text": "hell"}),
    ],
)
def test_what_was_received_is_judged_by_each_property(
    right: dict[str, object], wrong: dict[str, object]
) -> None:
    assert judged(received(**right), ECHOED).passed
    judgement = judged(received(**wrong), ECHOED)
    assert not judgement.passed
    assert judgement.seen == f"5 bytes, sha256 {HELLO}\ntext: 'hello'"


def test_what_was_received_equals_what_was_sent() -> None:
    other = operation(
        "first", op="receive", received=5, received_sha256=WORLD, sent=5, sent_sha256=HELLO
    )

    assert judged(received(equals_sent=True), ECHOED).passed
    judgement = judged(received(equals_sent=True), other)
    assert not judgement.passed
    assert judgement.expected == "first receives what it sent"
    assert judgement.seen == f"5 bytes, sha256 {WORLD}\n5 bytes were sent, sha256 {HELLO}"


def test_bytes_that_are_no_text_are_not_shown_as_text() -> None:
    shown, binary = (
        judged(received(size=5), operation("first", op="receive", text=text, received=5)).seen
        for text in ("hello", "\x00\x11\N{REPLACEMENT CHARACTER}")
    )

    assert "text: 'hello'" in shown
    assert "text" not in binary


def test_the_last_operation_knows_all_that_was_received() -> None:
    before = operation("first", op="receive", received=2, received_sha256=WORLD)

    assert judged(received(size=5), before, ECHOED).passed


def test_a_connection_that_did_nothing_received_nothing() -> None:
    assert judged(received(size=5)).seen == "no operation on first was done"


def test_a_program_ends_as_expected() -> None:
    assert judged(
        program(exit_code=0, output=r"^3 packets"), ended(exit_code=0, output="\n3 packets")
    ).passed


@pytest.mark.parametrize(
    ("event", "seen"),
    [
        (ended(exit_code=1, output="3 packets"), "exit code 1, output: '3 packets'"),
        (ended(exit_code=0, output="2 packets"), "exit code 0, output: '2 packets'"),
        (ended(exit_code=None, signal=9, output=""), "ended by signal 9, output: ''"),
    ],
)
def test_a_program_ends_otherwise(event: Event, seen: str) -> None:
    judgement = judged(program(exit_code=0, output="3 packets"), event)

    assert not judgement.passed
    assert judgement.expected == "ping: exit code 0, output matching 3 packets"
    assert judgement.seen == seen


def test_a_program_that_never_ended() -> None:
    assert judged(program(exit_code=0)).seen == "ping did not end, or never ran"
