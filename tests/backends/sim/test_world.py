from __future__ import annotations

import pytest

from netlab.backends.sim import world as worlds
from netlab.backends.sim.world import World
from netlab.errors import LabError


def test_things_happen_at_their_times_and_in_the_order_given():
    world, happened = World(), []
    world.at(20, lambda: happened.append(("b", world.now)))
    world.at(10, lambda: happened.append(("a", world.now)))
    world.at(20, lambda: happened.append(("c", world.now)))
    world.run(100)
    assert happened == [("a", 10), ("b", 20), ("c", 20)]
    assert (world.now, len(world)) == (100, 0)


def test_what_lies_behind_a_time_waits():
    world, happened = World(), []
    world.at(20, lambda: happened.append(world.now))
    world.run(19)
    assert (happened, world.now) == ([], 19)
    world.run(20)
    assert happened == [20]


def test_those_touched_have_one_turn_at_the_end_of_the_instant_in_their_order():
    world, happened = World(), []

    def touch(number: int) -> None:
        world.touch(number, lambda: happened.append(number))

    world.at(10, lambda: touch(2))
    world.at(10, lambda: touch(1))
    world.at(10, lambda: touch(2))
    world.at(10, lambda: happened.append(0))
    world.run(10)
    assert happened == [0, 1, 2]


def test_a_time_that_has_passed_means_now():
    world, happened = World(), []
    world.run(50)
    world.at(10, lambda: happened.append(world.now))
    assert world.next == 50
    world.run(60)
    assert happened == [50]


def test_an_instant_without_end_is_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worlds, "_MOST_AT_ONCE", 100)
    world = World()

    def again() -> None:
        world.at(world.now, again)

    world.at(5, again)
    with pytest.raises(LabError, match="at 5 ns there is no end"):
        world.run(10)
