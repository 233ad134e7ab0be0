from __future__ import annotations

import asyncio

import pytest

from netlab.stack.api.waiting import Waiting
from netlab.testing.clock import play


def test_all_who_wait_for_a_thing_are_woken_and_nobody_else():
    async def story() -> None:
        waiting = Waiting()
        first, second, other = (
            asyncio.ensure_future(waiting.event(what)) for what in ("a", "a", "b")
        )
        await asyncio.sleep(0)
        assert len(waiting) == 3
        waiting.wake("a")
        await asyncio.gather(first, second)
        assert not other.done()
        assert len(waiting) == 1
        other.cancel()

    play(story())


def test_who_is_cancelled_is_forgotten():
    async def story() -> None:
        waiting = Waiting()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await waiting.event("a")
        assert len(waiting) == 0
        waiting.wake("a")

    play(story())


def test_an_attempt_is_made_again_after_each_event_until_it_succeeds():
    async def story() -> None:
        waiting = Waiting()
        attempts: list[int] = []

        def attempt() -> str:
            attempts.append(len(attempts))
            if len(attempts) < 3:
                raise BlockingIOError
            return "done"

        trying = asyncio.ensure_future(waiting.until("a", attempt))
        for expected in (1, 2):
            await asyncio.sleep(0)
            assert len(attempts) == expected
            waiting.wake("a")
            await asyncio.sleep(0)
        assert await trying == "done"
        assert attempts == [0, 1, 2]

    play(story())


def test_what_fails_otherwise_fails_at_once():
    async def story() -> None:
        def attempt() -> None:
            raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            await Waiting().until("a", attempt)

    play(story())
