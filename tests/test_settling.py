"""When a run whose scenario has been played is over, in virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from netlab import clock
from netlab.backends.sim.clock import WorldClock
from netlab.backends.sim.loop import play
from netlab.backends.sim.world import World
from netlab.collect.counts import InterfaceCount
from netlab.collect.eventlog import EventLog
from netlab.scenario.verdict import Judgement
from netlab.settling import Settling
from netlab.stack.units import SECOND
from netlab.testing import impaired, plans
from netlab.testing.judging import PLACE
from netlab.topology.expectations import PacketsExpected
from netlab.topology.impairment import Impairment, Profile
from netlab.topology.plan import Plan

MET = PacketsExpected(**PLACE, expressions=("tcp",))
NONE = PacketsExpected(**PLACE, expressions=("tcp",), never=True)


class Ending:
    """A lab in which packets cross at ``packets``, in seconds, and an expectation is met at one.

    ``judged`` and ``looked`` are how often somebody judged, and looked what there is.
    """

    def __init__(
        self, packets: Sequence[float] = (), *, met: float | None = None, is_virtual: bool = True
    ) -> None:
        self.world = World()
        self.is_virtual = is_virtual
        self._packets = [round(each * SECOND) for each in packets]
        self._met = met
        self.judged = self.looked = 0

    async def flush(self) -> Sequence[InterfaceCount]:
        self.looked += 1
        return [InterfaceCount("c1", "eth0", len(self._past), 0)]

    async def idle(self) -> float:
        return (self.world.now - max(self._past, default=-SECOND)) / SECOND

    @property
    def _past(self) -> list[int]:
        return [each for each in self._packets if each <= self.world.now]

    def judge(self) -> Sequence[Judgement]:
        self.judged += 1
        passed = self._met is not None and self._met * SECOND <= self.world.now
        return [Judgement("", "", passed=passed, expected="", seen="")]

    def ends(self, folder: Path, plan: Plan, judge: Any = None) -> float:
        """After how many seconds the run is over."""
        with clock.of(WorldClock(self.world)):
            log = EventLog(folder / "events.jsonl")
            backend: Any = self
            play(self.world, Settling(plan, backend, log, judge or self.judge).wait())
            log.close()
        return self.world.now / SECOND


def a_plan(*expectations: PacketsExpected) -> Plan:
    return replace(plans.two_hosts(), expectations=expectations)


def none_expected() -> Sequence[Judgement]:
    return []


def test_a_quiet_lab_of_which_nothing_is_expected_is_over_at_once(tmp_path: Path):
    assert Ending().ends(tmp_path, a_plan(), none_expected) == 0


def test_what_is_on_its_way_may_arrive(tmp_path: Path):
    assert 0.03 < Ending([0.0, 0.01, 0.03]).ends(tmp_path, a_plan(), none_expected) < 0.1


def test_a_lab_that_never_gets_quiet_is_over_all_the_same(tmp_path: Path):
    for_ever = [number / 100 for number in range(1000)]
    assert 0.5 < Ending(for_ever).ends(tmp_path, a_plan(), none_expected) < 1


def test_a_slow_link_is_given_its_time(tmp_path: Path):
    slow = impaired.cable(Impairment(forward=Profile(delay=0.3), backward=Profile(delay=0.3)))
    for_ever = [number / 100 for number in range(1000)]
    assert 0.3 < Ending([0.0]).ends(tmp_path, slow, none_expected) < 0.6
    assert 1.1 < Ending(for_ever).ends(tmp_path, slow, none_expected) < 1.8


def test_what_comes_true_late_is_waited_for_and_no_longer(tmp_path: Path):
    ending = Ending([2.0], met=2.0)
    assert 2 < ending.ends(tmp_path, a_plan(replace(MET, within=60.0))) < 5
    assert ending.judged == 2  # when there was something to judge


def test_what_never_comes_true_is_waited_for_as_long_as_it_may_take(tmp_path: Path):
    ending = Ending([2.0])
    plan = a_plan(replace(MET, within=60.0))
    assert ending.ends(tmp_path, plan) == pytest.approx(60, abs=0.001)


def test_what_may_break_is_watched_to_the_end(tmp_path: Path):
    ending = Ending(met=0.0)
    plan = a_plan(replace(NONE, within=8.0))
    assert ending.ends(tmp_path, plan) == pytest.approx(8, abs=0.001)


def test_what_cannot_be_judged_is_not_waited_for(tmp_path: Path):
    assert Ending().ends(tmp_path, a_plan(MET), lambda: None) == 0


def test_looks_are_many_where_time_is_real_and_few_where_it_is_not(tmp_path: Path):
    plan = a_plan(replace(MET, within=600.0))
    real, virtual = Ending(is_virtual=False), Ending()
    assert real.ends(tmp_path, plan) == pytest.approx(600, abs=0.001)
    assert virtual.ends(tmp_path, plan) == pytest.approx(600, abs=0.001)
    assert virtual.looked < 40
    assert real.looked > 1200
