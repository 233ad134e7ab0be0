from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.analyse.model import Connection, Endpoint, Source
from netlab.collect.events import Event
from netlab.report import wording
from netlab.report.run import Run
from netlab.scenario.verdict import Judgement, Verdict

UNMET = Judgement("a", "b", False, "c", "d")


@pytest.mark.parametrize(
    ("verdict", "outcome", "headline"),
    [
        (Verdict(()), "passed", "passed: nothing was expected"),
        (Verdict((replace(UNMET, passed=True),)), "passed", "passed: 1 expectation met"),
        (Verdict((UNMET,)), "failed", "failed: 1 of 1 expectation not met"),
        (
            Verdict((UNMET,), ("x", "y")),
            "failed",
            "failed: 1 of 1 expectation not met, 2 steps or services failed",
        ),
        (Verdict((UNMET,), interrupted="Ctrl-C"), "interrupted", "interrupted: Ctrl-C"),
    ],
)
def test_the_verdict_in_one_line(run: Run, verdict: Verdict, outcome: str, headline: str) -> None:
    judged = replace(run, verdict=verdict)
    assert (wording.outcome(judged), wording.headline(judged)) == (outcome, headline)


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [(41_000, "41 µs"), (999_999, "999.999 µs"), (1_250_000, "1.250 ms"), (2 * 10**9, "2.000 s")],
)
def test_a_duration_has_the_unit_that_fits(nanoseconds: int, text: str) -> None:
    assert wording.duration(nanoseconds) == text


@pytest.mark.parametrize(
    ("octets", "text"), [(12, "12 B"), (2048, "2.0 KiB"), (5 * 1024**2, "5.0 MiB")]
)
def test_a_size_has_the_unit_that_fits(octets: int, text: str) -> None:
    assert wording.size(octets) == text


def test_who_is_at_an_end() -> None:
    assert wording.who(Endpoint("c1", "fd00::2", 7)) == "c1 [fd00::2]:7"
    assert wording.who(Endpoint(None, "10.0.0.9", 7)) == "10.0.0.9:7"


def test_how_states_are_known_is_told_the_most_exact_first(run: Run) -> None:
    assert list(run.sources) == [Source.TRACE, Source.CAPTURE, Source.SOCK_DIAG]
    assert wording.sources(run)[0] == wording.SOURCES[Source.TRACE]


def test_where_nodes_are_on_our_stack_it_is_told_which(run: Run, observed: Connection) -> None:
    states = tuple(replace(change, source=Source.STACK) for change in observed.client.states)
    mixed = replace(observed, client=replace(observed.client, states=states))
    told = wording.sources(replace(run, analysis=replace(run.analysis, connections=(mixed,))))

    assert told[0] == "stack (exact, the userspace stack's own log) at c1"
    assert all(line.endswith(" at server") for line in told[1:])


def test_a_notice_is_told_once(run: Run) -> None:
    again = Event(0, "notice", data={"text": run.plan.notices[0]})
    other = Event(0, "notice", data={"text": "no netem here"})
    assert replace(run, events=(again, other)).notices == (*run.plan.notices, "no netem here")


def test_a_run_lasts_until_the_last_thing_observed(run: Run) -> None:
    assert run.duration == 1_001_000
    assert replace(run, events=(Event(5_000_000, "node"),)).duration == 5_000_000
