from __future__ import annotations

import asyncio
import signal
import time
from contextvars import copy_context
from functools import partial
from itertools import count

import pytest

from netlab.backends.sim import loop as loops
from netlab.backends.sim.loop import OWNER, NothingHappensError, WorldLoop, play
from netlab.backends.sim.world import World
from netlab.errors import LabError
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


def test_so_is_going_round_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loops, "_MOST_ROUNDS", 100)
    world = World()

    async def story() -> None:
        await asyncio.sleep(1)
        for _ in count():
            await asyncio.sleep(0)

    with pytest.raises(LabError, match="no end of what programs do at once"):
        play(world, story())
    assert world.now == SECOND


def test_who_waits_for_it_is_told_that_the_world_cannot_go_on():
    world = World()

    async def story() -> list[str]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, WorldLoop)
        waiting = asyncio.ensure_future(loop.create_future())
        said = []
        try:
            await loop.broken
        except NothingHappensError as error:
            said.append(str(error))
        waiting.cancel()
        await asyncio.sleep(3)
        return [*said, f"it is {world.now / SECOND:g} s"]

    assert play(world, story()) == [
        "nothing will happen any more, and a program waits",
        "it is 3 s",
    ]


def test_what_is_for_a_thread_is_done_at_once():
    world = World()

    async def story() -> tuple[int, str]:
        done = await asyncio.to_thread(lambda: world.now)
        with pytest.raises(ValueError, match="seven") as raised:
            await asyncio.to_thread(int, "seven")
        return done, type(raised.value).__name__

    assert play(world, story()) == (0, "ValueError")


def test_a_signal_is_heard_while_time_races():
    world = World()
    former = signal.getsignal(signal.SIGTERM)

    async def story() -> list[str]:
        loop = asyncio.get_running_loop()
        heard: list[str] = []
        came = asyncio.Event()

        def note(name: str) -> None:
            heard.append(f"{name} at {world.now / SECOND:g} s")
            came.set()

        loop.add_signal_handler(signal.SIGTERM, note, "SIGTERM")
        world.at(3600 * SECOND, lambda: signal.raise_signal(signal.SIGTERM))
        for hour in range(24):
            world.at(hour * 3600 * SECOND + 1, lambda: None)
        await came.wait()
        assert loop.remove_signal_handler(signal.SIGTERM)
        assert not loop.remove_signal_handler(signal.SIGTERM)
        return heard

    assert play(world, story()) == ["SIGTERM at 3600 s"]
    assert signal.getsignal(signal.SIGTERM) is former


def test_programs_of_an_owner_stand_still_and_go_on_with_what_woke_them_meanwhile():
    world = World()

    async def ticking(said: list[str], name: str) -> None:
        for _ in range(3):
            await asyncio.sleep(1)
            said.append(f"{name} {world.now / SECOND:g}")

    async def story() -> list[str]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, WorldLoop)
        said: list[str] = []
        tasks = []
        for name in ("a", "b"):
            context = copy_context()
            context.run(OWNER.set, name)
            tasks.append(loop.create_task(ticking(said, name), context=context))
        await asyncio.sleep(0.5)
        loop.pause("a")
        await asyncio.sleep(10)
        loop.resume("a")
        await asyncio.gather(*tasks)
        return said

    assert play(world, story()) == ["b 1", "b 2", "b 3", "a 10.5", "a 11.5", "a 12.5"]


def test_what_was_taken_back_while_its_owner_stood_still_is_not_called():
    called: list[str] = []

    async def story() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, WorldLoop)
        context = copy_context()
        context.run(OWNER.set, "a")
        loop.pause("a")
        loop.call_soon(called.append, "taken back", context=context).cancel()
        loop.call_soon(called.append, "not", context=context)
        await asyncio.sleep(1)
        assert called == []
        loop.resume("a")
        await asyncio.sleep(1)

    play(World(), story())
    assert called == ["not"]
