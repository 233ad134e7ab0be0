from __future__ import annotations

from dataclasses import replace
from typing import Any

from netlab.collect.events import Event
from netlab.scenario.judge import judge
from netlab.scenario.verdict import Verdict
from netlab.testing.plans import two_hosts
from netlab.testing.runs import analysed, operation
from netlab.topology.expectations import (
    Count,
    ErrnoExpected,
    Expectation,
    OperationsExpected,
    ProgramExpected,
)
from netlab.topology.program import Command
from netlab.topology.steps import Exec, Moment, Pause, Step, Timing

REFUSED = operation("first", op="connect", status="error", errno="ECONNREFUSED")
CONNECT = Event(
    9,
    "step",
    "c1",
    "first",
    {
        "step": 1,
        "text": "connect tcp server:7",
        "where": "lab.yaml:4:3",
        "status": "failed",
        "errno": "ECONNREFUSED",
        "error": "Connection refused",
    },
)
SEND = Event(
    9,
    "step",
    "c1",
    "first",
    {"step": 2, "text": "send", "status": "skipped", "error": "first failed before"},
)


def verdict(
    *events: Event,
    expectations: tuple[Expectation, ...] = (),
    steps: tuple[Step, ...] = (),
) -> Verdict:
    plan = replace(two_hosts(expectations=expectations, steps=steps), source="labs/lab.yaml")
    return judge(plan, events, analysed(plan, ""))


def errno(name: str) -> ErrnoExpected:
    return ErrnoExpected(where="", text="errno", name="first", errno=name)


def test_a_failed_step_fails_the_run_and_says_where() -> None:
    found = verdict(REFUSED, CONNECT, SEND)

    assert not found.passed
    assert found.failures == (
        "labs/lab.yaml:4:3: connect tcp server:7: failed: ECONNREFUSED, Connection refused",
        "send: skipped: first failed before",
    )


def test_an_expected_errno_covers_the_step_and_those_skipped_because_of_it() -> None:
    found = verdict(REFUSED, CONNECT, SEND, expectations=(errno("ECONNREFUSED"),))

    assert found.passed
    assert found.failures == ()


def test_another_errno_covers_nothing() -> None:
    found = verdict(REFUSED, CONNECT, expectations=(errno("ETIMEDOUT"),))

    assert len(found.failures) == 1


def test_an_operation_that_is_to_fail_covers_its_step_without_an_errno_too() -> None:
    late = operation("first", op="connect", status="error", errno=None, error="not done within 2 s")

    def failing(**fields: Any) -> OperationsExpected:
        return OperationsExpected(
            where="", text="", name="first", failed=True, count=Count("==", 1), **fields
        )

    assert verdict(late, CONNECT, expectations=(failing(op="connect"),)).passed
    assert verdict(late, CONNECT, expectations=(failing(op="send"),)).failures
    assert verdict(late, CONNECT, expectations=(failing(errno="ETIMEDOUT"),)).failures


def test_a_step_that_waited_for_what_failed_as_expected_is_covered() -> None:
    waiting = Pause(
        where="labs/lab.yaml:6:3",
        text="pause 1s",
        timing=Timing(after=Moment("first", "established")),
        duration=1.0,
    )
    skipped = Event(
        9, "step", data={"text": "pause 1s", "where": "lab.yaml:6:3", "status": "skipped"}
    )

    covered = verdict(
        REFUSED, CONNECT, skipped, expectations=(errno("ECONNREFUSED"),), steps=(waiting,)
    )
    alone = verdict(skipped, steps=(waiting,))

    assert covered.failures == ()
    assert alone.failures == ("labs/lab.yaml:6:3: pause 1s: skipped",)


def test_a_program_that_may_fail_is_judged_by_its_expectation() -> None:
    step = Exec(
        where="",
        text="exec ping",
        timing=Timing(),
        node="c1",
        name="ping",
        command=Command(argv=("ping",)),
    )
    events = (
        Event(1, "program", "c1", "ping", {"exit_code": 2, "output": ""}),
        Event(2, "step", "c1", "ping", {"text": "exec ping", "status": "failed"}),
    )
    expected = ProgramExpected(where="", text="ping", name="ping", exit_code=2)

    assert verdict(*events, expectations=(expected,), steps=(step,)).passed
    assert not verdict(*events, steps=(step,)).passed


def test_services_and_nodes_that_fail() -> None:
    found = verdict(
        Event(
            1,
            "service",
            "server",
            data={"service": "echo tcp/7", "status": "failed", "error": "no memory"},
        ),
        Event(2, "node", "server", data={"status": "lost", "reason": "killed by signal 9"}),
        Event(3, "service", "server", data={"service": "echo tcp/7", "status": "stopped"}),
    )

    assert found.failures == (
        "echo tcp/7 on server failed: no memory",
        "server was lost: killed by signal 9",
    )


def test_an_interrupted_run_does_not_pass_and_skipped_steps_are_no_failures() -> None:
    found = verdict(SEND, Event(10, "interrupted", data={"reason": "Ctrl-C"}))

    assert found.interrupted == "Ctrl-C"
    assert found.failures == ()
    assert not found.passed


def test_a_run_without_expectations_or_failures_passes() -> None:
    assert verdict().passed


def test_a_transfer_that_arrived_damaged_fails_the_run() -> None:
    ends: dict[str, Any] = {"local": "10.0.0.1:1500", "foreign": "10.0.0.2:7"}
    sent: dict[str, Any] = {"bytes": 9, "took": 1, "goodput": 9, "sent_sha256": "ab"}
    server = {"local": ends["foreign"], "foreign": ends["local"], "received_sha256": "xy"}
    events = (
        operation("first", op="connect", status="ok", **ends),
        operation("first", op="transfer", status="ok", **sent),
        Event(9, "service", "server", data={"service": "x", "status": "served", **server}),
    )
    assert verdict(*events).failures == (
        "transfer over first: its server did not get what it sent",
    )
