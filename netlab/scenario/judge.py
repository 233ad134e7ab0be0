"""Judges a run: every expectation of the plan, and what failed although nothing expected it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from netlab.analyse.model import Analysis
from netlab.collect.events import Event
from netlab.scenario.failures import unexpected_failures
from netlab.scenario.judges.events import judge_events
from netlab.scenario.judges.evidence import Evidence, Finding, MissingMoment
from netlab.scenario.judges.groups import judge_connections, judge_operations
from netlab.scenario.judges.icmp import judge_icmp
from netlab.scenario.judges.isn import judge_isn
from netlab.scenario.judges.losses import judge_loss
from netlab.scenario.judges.metrics import judge_metric
from netlab.scenario.judges.outcomes import judge_errno, judge_program, judge_received
from netlab.scenario.judges.packets import judge_packets
from netlab.scenario.judges.partial import of_a_part
from netlab.scenario.judges.probes import (
    judge_hops,
    judge_observed,
    judge_probe_errors,
    judge_replies,
)
from netlab.scenario.judges.rates import judge_goodput, judge_rate
from netlab.scenario.judges.sockets import judge_sockets, sockets_hold
from netlab.scenario.judges.states import judge_states
from netlab.scenario.judges.times import judge_delay, judge_intervals, judge_time
from netlab.scenario.judges.variables import judge_variables
from netlab.scenario.verdict import Judgement, Verdict
from netlab.topology.expectations import (
    ConnectionsExpected,
    DelayExpected,
    ErrnoExpected,
    EventsExpected,
    Expectation,
    GoodputExpected,
    HopsExpected,
    IcmpExpected,
    IntervalsExpected,
    IsnExpected,
    LossExpected,
    MetricExpected,
    ObservedExpected,
    OperationsExpected,
    PacketsExpected,
    ProbeErrorsExpected,
    ProgramExpected,
    RateExpected,
    ReceivedExpected,
    RepliesExpected,
    SocketsExpected,
    StatesExpected,
    TimeExpected,
    VariablesExpected,
)
from netlab.topology.plan import Plan

__all__ = ["judge", "sockets_hold"]

_JUDGES: dict[type[Expectation], Callable[[Any, Evidence], Finding]] = {
    StatesExpected: judge_states,
    PacketsExpected: judge_packets,
    IcmpExpected: judge_icmp,
    LossExpected: judge_loss,
    TimeExpected: judge_time,
    DelayExpected: judge_delay,
    IntervalsExpected: judge_intervals,
    RateExpected: judge_rate,
    GoodputExpected: judge_goodput,
    MetricExpected: judge_metric,
    VariablesExpected: judge_variables,
    IsnExpected: judge_isn,
    ConnectionsExpected: judge_connections,
    OperationsExpected: judge_operations,
    SocketsExpected: judge_sockets,
    ErrnoExpected: judge_errno,
    ReceivedExpected: judge_received,
    ProgramExpected: judge_program,
    EventsExpected: judge_events,
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
    try:
        finding = _JUDGES[type(expectation)](expectation, evidence)
    except MissingMoment as missing:
        finding = Finding(passed=False, expected=expectation.text, seen=str(missing))
    if evidence.analysis.is_partial:
        finding = of_a_part(expectation, finding)
    return Judgement(
        text=expectation.text,
        where=expectation.where,
        passed=finding.passed,
        expected=finding.expected,
        seen=finding.seen,
        frames=finding.frames,
    )
