from __future__ import annotations

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from netlab import clock
from netlab.clock import step_notice
from netlab.testing.clock import Machine

SECOND = 1_000_000_000


def test_it_is_the_machine_s_clock_while_nobody_sets_that():
    machine = Machine()
    lab = machine.clock()
    machine.pass_(12.5)
    assert lab.now() == machine.real()
    assert lab.new_step() is None
    assert lab.shift(machine.real()) == 0


@given(st.sampled_from([3600.0, -3600.0, 0.5, -0.006, 86_400.0 * 400]))
def test_it_goes_on_when_the_machine_s_is_set(seconds: float):
    machine = Machine()
    lab = machine.clock()
    machine.pass_(1)
    before = lab.now()
    machine.set_by = int(seconds * SECOND)
    machine.pass_(1)
    assert lab.now() - before == SECOND
    assert lab.new_step() == machine.set_by
    assert lab.new_step() is None
    assert machine.real() + lab.shift(machine.real()) == lab.now()


def test_a_moment_has_one_date_however_late_it_is_asked_for():
    machine = Machine()
    lab = machine.clock()
    moment, date = lab.elapsed(), lab.now()
    machine.pass_(3)
    machine.set_by = 7 * SECOND

    assert lab.date(moment) == date


def test_packets_stamped_just_before_the_clock_was_set_stay_where_they_were():
    machine = Machine()
    lab = machine.clock()
    stamped_before = machine.real()
    machine.set_by = 3600 * SECOND
    machine.pass_(0.016)
    stamped_after = machine.real()
    lab.new_step()
    assert stamped_after + lab.shift(stamped_after) - (
        stamped_before + lab.shift(stamped_before)
    ) == int(0.016 * SECOND)


def test_a_clock_that_is_set_back_again():
    machine = Machine()
    lab = machine.clock()
    machine.set_by = 60 * SECOND
    assert lab.new_step() == 60 * SECOND
    machine.set_by = 0
    assert lab.new_step() == 0
    assert lab.shift(machine.real()) == 0


def test_the_clock_of_another_is_gone_on_with():
    machine = Machine()
    lab = machine.clock()
    machine.set_by = 60 * SECOND
    other = machine.clock(since_1970=lab.since_1970)
    assert other.now() == lab.now()
    assert other.new_step() == 60 * SECOND


def test_small_steps_where_they_matter():
    machine = Machine()
    coarse, fine = machine.clock(), machine.clock(least_step=50_000)
    machine.set_by = 100_000
    assert coarse.new_step() is None
    assert fine.new_step() == 100_000
    assert machine.real() + fine.shift(machine.real()) == fine.now()


@given(st.integers(-5_000_000, 5_000_000), st.lists(st.integers(0, 16_000_000), min_size=1))
def test_stamps_after_a_small_step_are_brought_back(step: int, gaps: list[int]):
    """What is less than a step stays."""
    machine = Machine()
    lab = machine.clock(least_step=50_000)
    machine.pass_(1)
    lab.new_step()
    machine.set_by = step
    true, stamps = [], []
    for gap in gaps:
        machine.pass_(gap / SECOND)
        true.append(lab.now())
        stamps.append(machine.real())
    lab.new_step()
    known = step if abs(step) >= 50_000 else 0
    assert [stamp + lab.shift(stamp) - (step - known) for stamp in stamps] == true


def test_a_look_that_was_interrupted_is_not_believed():
    machine = Machine()
    lab = machine.clock()
    machine.read_slowly = 0.003
    assert lab.new_step() is None
    machine.read_slowly = 0
    machine.set_by = SECOND
    assert lab.new_step() == SECOND


def test_a_clock_that_is_set_again_and_again():
    machine = Machine()
    lab = machine.clock()
    for hours in range(1, 100):
        machine.set_by = hours * 3600 * SECOND
        assert lab.new_step() == machine.set_by
        assert machine.real() + lab.shift(machine.real()) == lab.now()


def test_the_one_all_use_agrees_with_the_machine():
    assert abs(clock.now() - time.time_ns()) < SECOND


def test_what_is_said_of_it():
    assert "set forward by 3600 s" in step_notice(3600 * SECOND)
    assert "set back by 0.5 s" in step_notice(-SECOND // 2)
    assert "set back to what it was" in step_notice(0)


class Stopped:
    def now(self) -> int:
        return 42

    def elapsed(self) -> int:
        return 7

    def date(self, elapsed: int) -> int:
        return 35 + elapsed


def test_tasks_have_the_clock_of_who_made_them():
    async def read() -> tuple[int, int, int]:
        return clock.now(), clock.elapsed(), clock.date(8)

    async def story() -> tuple[int, int, int]:
        with clock.of(Stopped()):
            task = asyncio.create_task(read())
        assert clock.now() != 42
        return await task

    assert asyncio.run(story()) == (42, 7, 43)
