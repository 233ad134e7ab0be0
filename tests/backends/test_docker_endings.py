"""How containers end, in whatever order the engine tells it."""

from __future__ import annotations

import queue
from typing import Any

import pytest

from netlab.backends.docker.endings import Endings, Happened

STARVED = "was killed: it took more memory than it may have"


@pytest.fixture
def told() -> queue.SimpleQueue[Happened]:
    return queue.SimpleQueue()


def event(action: str, code: int = 0) -> dict[str, Any]:
    attributes = {"org.netlab.node": "server", "exitCode": str(code)}
    return {"Action": action, "Actor": {"ID": "c0ffee", "Attributes": attributes}}


def hear(told: queue.SimpleQueue[Happened]) -> Happened:
    return told.get(timeout=20)


def test_an_exit_is_told_at_once(told: queue.SimpleQueue[Happened]):
    Endings(told.put, within=3600).hear(event("die", 3))

    assert hear(told) == Happened("server", "c0ffee", out_of_memory=False, how="exited with 3")


def test_memory_comes_before_the_end(told: queue.SimpleQueue[Happened]):
    endings = Endings(told.put, within=3600)
    endings.hear(event("oom"))
    endings.hear(event("die", 137))

    assert hear(told).out_of_memory
    assert hear(told).how == STARVED


def test_memory_comes_after_the_end(told: queue.SimpleQueue[Happened]):
    endings = Endings(told.put, within=3600)
    endings.hear(event("die", 137))
    assert told.empty()
    endings.hear(event("oom"))

    assert hear(told).out_of_memory
    assert hear(told).how == STARVED
    assert told.empty()


def test_somebody_else_has_killed_it(told: queue.SimpleQueue[Happened]):
    Endings(told.put, within=0.01).hear(event("die", 137))

    assert hear(told).how == "exited with 137"


def test_when_nobody_listens_any_more_nothing_is_told(told: queue.SimpleQueue[Happened]):
    endings = Endings(told.put, within=3600)
    endings.hear(event("die", 137))
    endings.close()
    endings.hear(event("oom"))

    assert hear(told).out_of_memory
    assert told.empty()
