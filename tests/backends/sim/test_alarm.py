from __future__ import annotations

from netlab.backends.sim.alarm import Alarm
from netlab.backends.sim.world import World

LATE = 1_000_000


def test_it_rings_when_it_is_time_whatever_it_was_set_to_before():
    world, rung = World(), list[int]()
    alarm = Alarm(world, lambda: rung.append(world.now))
    for due in (50, 20, 30, None, 20):
        alarm.set(due)
    world.run(100)
    assert rung == [20, 50]


def test_a_time_that_has_passed_means_now():
    world, rung = World(), list[int]()
    world.run(100)
    alarm = Alarm(world, lambda: rung.append(world.now))
    alarm.set(50)
    world.run(100)
    assert rung == [100]


def test_short_waits_beside_a_long_one_do_not_fill_the_agenda():
    world, rung = World(), list[int]()

    def ring() -> None:
        rung.append(world.now)
        alarm.set(LATE if world.now < LATE else None)
        if world.now < LATE // 2:
            alarm.set(world.now + 100)
        assert len(world) <= 2

    alarm = Alarm(world, ring)
    alarm.set(LATE)
    alarm.set(100)
    world.run(2 * LATE)
    assert len(rung) == LATE // 200 + 1
    assert rung[-1] == LATE
