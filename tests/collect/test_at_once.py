"""The same done to many things."""

from __future__ import annotations

import threading

import pytest

from netlab.collect.at_once import at_once


def test_results_stand_in_the_order_of_the_items():
    assert at_once(lambda number: number * number, range(300)) == [n * n for n in range(300)]


def test_nothing_to_do():
    assert at_once(str, []) == []


def test_all_wait_together():
    """Each waits until the last has come: one after the other, none would ever end."""
    meeting = threading.Barrier(20)
    assert sorted(at_once(lambda _: meeting.wait(timeout=10), range(20))) == list(range(20))


def test_the_first_failure_is_raised():
    def divide(number: int) -> float:
        return 1 / number

    with pytest.raises(ZeroDivisionError):
        at_once(divide, [1, 0, 2])


def test_without_threads_the_work_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch):
    def none_left(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    assert at_once(str, range(3)) == ["0", "1", "2"]
