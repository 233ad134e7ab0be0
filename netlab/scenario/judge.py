"""Judges a run: every expectation of the plan, and what failed although nothing expected it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from netlab.analyse.model import Analysis
from netlab.collect.events import Event
from netlab.scenario.failures import unexpected_failures
from netlab.scenario.judges.evidence import Evidence, Finding
from netlab.scenario.judges.outcomes import judge_errno, judge_program, judge_received
from netlab.scenario.judges.packets import judge_packets
from netlab.scenario.judges.probes import (
    judge_hops,
    judge_observed,
    judge_probe_errors,
    judge_replies,
)
from netlab.scenario.judges.sockets import judge_sockets, sockets_hold
from netlab.scenario.judges.states import judge_states
from netlab.scenario.verdict import Judgement, Verdict
from netlab.topology.expectations import (
    ErrnoExpected,
    Expectation,
    HopsExpected,
    ObservedExpected,
    PacketsExpected,
    ProbeErrorsExpected,
    ProgramExpected,
    ReceivedExpected,
    RepliesExpected,
    SocketsExpected,
    StatesExpected,
)
from netlab.topology.plan import Plan

__all__ = ["judge", "sockets_hold"]

_JUDGES: dict[type[Expectation], Callable[[Any, Evidence], Finding]] = {
    StatesExpected: judge_states,
    PacketsExpected: judge_packets,
    SocketsExpected: judge_sockets,
    ErrnoExpected: judge_errno,
    ReceivedExpected: judge_received,
    ProgramExpected: judge_program,
    RepliesExpected: judge_replies,
    HopsExpected: judge_hops,
    ProbeErrorsExpected: judge_probe_errors,
    ObservedExpected: judge_observed,
}


def judge(plan: Plan, events: Sequence[Event], analysis: Analysis) -> Verdict:
    """The verdict on what was observed so far. Pure."""
    evidence = Evidence(plan, events, analysis)
    interruptions = evidence.of_kind("interrupted")
    return Verdict(
        judgements=tuple(_judgement(each, evidence) for each in plan.expectations),
        failures=unexpected_failures(evidence),
        interrupted=interruptions[0].data.get("reason") if interruptions else None,
    )


def _judgement(expectation: Expectation, evidence: Evidence) -> Judgement:
    finding = _JUDGES[type(expectation)](expectation, evidence)
    return Judgement(
        text=expectation.text,
        where=expectation.where,
        passed=finding.passed,
        expected=finding.expected,
        seen=finding.seen,
        frames=finding.frames,
    )
