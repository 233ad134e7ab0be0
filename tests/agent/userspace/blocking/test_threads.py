"""Threads of a program, and what they wait for."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from netlab.backends.sim.loop import NothingHappensError
from netlab.testing.blocking import play

HERE = (sys.modules[__name__],)


def told(ask: Callable[[], Any]) -> Any:
    return play(ask, also=HERE)


def test_threads_run_by_the_labs_time_in_the_same_order_each_time():
    def ask() -> list[tuple[str, float]]:
        seen = []

        def work(name: str, seconds: float) -> None:
            for _ in range(3):
                time.sleep(seconds)
                seen.append((name, round(time.monotonic() - began, 6)))

        began = time.monotonic()
        threads = [
            threading.Thread(target=work, args=each) for each in (("slow", 100), ("fast", 40))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return seen

    fast = [("fast", 40), ("fast", 80), ("slow", 100), ("fast", 120), ("slow", 200), ("slow", 300)]
    assert told(ask) == fast


def test_an_event_is_waited_for_and_a_timeout_ends_it():
    def ask() -> list[bool]:
        event = threading.Event()
        seen = [event.wait(10), event.is_set()]

        def set_later() -> None:
            time.sleep(5)
            event.set()

        threading.Thread(target=set_later).start()
        seen += [event.wait(), event.is_set()]
        event.clear()
        return [*seen, event.wait(0)]

    assert told(ask) == [False, False, True, True, False]


def test_a_lock_is_one_threads_at_a_time():
    def ask() -> list[str]:
        lock, seen = threading.Lock(), []

        def work(name: str) -> None:
            with lock:
                seen.append(f"{name} in")
                time.sleep(1)
                seen.append(f"{name} out")

        threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        assert not lock.acquire(blocking=False)
        assert not lock.acquire(timeout=0.1)
        for thread in threads:
            thread.join()
        return seen

    assert told(ask) == ["a in", "a out", "b in", "b out"]


def test_a_thread_that_was_joined_in_vain_is_alive():
    def ask() -> list[bool]:
        thread = threading.Thread(target=time.sleep, args=(100,))
        seen = [thread.is_alive()]
        thread.start()
        thread.join(10)
        seen.append(thread.is_alive())
        thread.join()
        return [*seen, thread.is_alive()]

    assert told(ask) == [False, True, False]


def test_a_class_that_overrides_run_is_a_thread_too():
    def ask() -> list[str]:
        seen: list[str] = []

        class Mine(threading.Thread):
            def run(self) -> None:
                time.sleep(1)
                seen.append(threading.current_thread().name)

        thread = Mine(name="mine")
        thread.start()
        thread.join()
        return seen

    assert told(ask) == ["mine"]


def test_who_waits_for_what_never_comes_is_told():
    def ask() -> None:
        threading.Event().wait()

    with pytest.raises(NothingHappensError):
        told(ask)


def test_what_would_wait_outside_of_the_labs_time_is_refused():
    def ask() -> None:
        with pytest.raises(AttributeError, match=r"threading\.Barrier is the kernel's"):
            threading.Barrier(2)

    told(ask)
