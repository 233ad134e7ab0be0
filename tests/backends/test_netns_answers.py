"""Who gets which of the holder's answers."""

from __future__ import annotations

import asyncio

from netlab.backends.netns.answers import Answers
from netlab.testing.clock import play


def test_one_who_asks_as_an_answer_comes_does_not_get_it():
    async def story() -> None:
        answers = Answers()
        first = answers.next()
        answers.give({"to": "first"})
        second = answers.next()
        answers.give({"to": "second"})

        assert await first == {"to": "first"}
        assert await second == {"to": "second"}

    play(story())


def test_who_has_given_up_leaves_its_answer_to_nobody():
    async def story() -> None:
        answers = Answers()
        first = answers.next()
        await asyncio.wait([first], timeout=1)
        second = answers.next()
        answers.give({"to": "first"})
        answers.give({"to": "second"})

        assert await second == {"to": "second"}

    play(story())


def test_a_question_whose_asker_was_cancelled_has_had_its_answer():
    async def story() -> None:
        answers = Answers()
        answers.next().cancel()
        second = answers.next()
        answers.give({"to": "first"})
        answers.give({"to": "second"})

        assert await second == {"to": "second"}

    play(story())


def test_what_is_told_unasked_waits():
    async def story() -> None:
        answers = Answers()
        answers.give({"ready": True})

        assert await answers.next() == {"ready": True}

    play(story())


def test_when_it_is_over_all_who_ask_are_told():
    async def story() -> None:
        answers = Answers()
        early = answers.next()
        answers.end()

        assert await early is None
        assert await answers.next() is None

    play(story())
