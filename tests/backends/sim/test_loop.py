from __future__ import annotations

import asyncio
import time
from functools import partial

import pytest

from netlab.backends.sim.loop import NothingHappensError, play
from netlab.backends.sim.world import World
from netlab.stack.units import SECOND


def test_a_day_passes_at_once():
    world = World()

    async def story() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    assert play(world, story()) == 86_400
    assert world.now == 86_400 * SECOND
    assert time.monotonic() - began < 10


def test_programs_and_the_world_take_turns_in_the_order_of_their_times():
    world = World()
    happened: list[str] = []
    for when in (1, 3):
        world.at(when * SECOND, partial(happened.append, f"world {when}"))

    async def story() -> None:
        for when in (2, 4):
            await asyncio.sleep(2)
            happened.append(f"program {when}")

    play(world, story())
    assert happened == ["world 1", "program 2", "world 3", "program 4"]


def test_a_program_that_the_world_wakes_runs_at_that_time():
    world = World()

    async def story() -> int:
        woken = asyncio.get_running_loop().create_future()
        world.at(1_000_000_007, lambda: woken.set_result(world.now))
        world.at(1_000_000_008, lambda: None)
        await woken
        return world.now

    assert play(world, story()) == 1_000_000_007


def test_a_program_that_is_woken_by_its_own_doing_runs_before_anything_else_happens():
    world = World()

    async def story() -> int:
        woken = asyncio.get_running_loop().create_future()
        world.at(world.now + 1, lambda: None)
        world.touch(1, lambda: woken.set_result(None))
        await woken
        return world.now

    world.run(SECOND)
    assert play(world, story()) == SECOND


def test_sleeps_of_a_nanosecond_pass_time():
    world = World()

    async def story() -> None:
        for _ in range(10):
            await asyncio.sleep(1e-9)

    world.run(3600 * SECOND)
    play(world, story())
    assert world.now > 3600 * SECOND


def test_waiting_for_what_nobody_will_do_is_an_error():
    async def story() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(NothingHappensError, match="nothing will happen any more"):
        play(World(), story())


def test_a_deadline_ends_the_wait_for_it():
    world = World()

    async def story() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await asyncio.get_running_loop().create_future()

    play(world, story())
    assert world.now == 60 * SECOND
