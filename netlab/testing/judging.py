"""Judging one expectation on a packet dialogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from netlab.collect.events import Event
from netlab.scenario.judge import judge
from netlab.scenario.verdict import Judgement
from netlab.testing.plans import two_hosts
from netlab.testing.runs import analysed
from netlab.topology.expectations import Expectation
from netlab.topology.plan import Plan

#: Where expectations of tests stand, and what they are called.
PLACE: dict[str, Any] = {"where": "lab.yaml:9:5", "text": "it is so"}


def judged(
    expectation: Expectation,
    text: str = "",
    events: Sequence[Event] = (),
    *,
    plan: Callable[[], Plan] = two_hosts,
) -> Judgement:
    """The judgement on ``text`` (see netlab.testing.dialogue) with ``events`` beside it."""
    made = plan()
    analysis = analysed(made, text, events)
    (judgement,) = judge(replace(made, expectations=(expectation,)), events, analysis).judgements
    return judgement
