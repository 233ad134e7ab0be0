from __future__ import annotations

import time

import pytest

from netlab.fabric.emulator.clock import Clock

HOUR = 3_600_000_000_000


class PlayedTime:
    """Both clocks; ``step`` is what somebody has set the clock forward by."""

    def __init__(self, pauses: list[int]) -> None:
        self.now = 1000
        self.step = 0
        self._pauses = pauses

    def monotonic(self) -> int:
        self.now += self._pauses.pop(0) if self._pauses else 100
        return self.now

    def since_1970(self) -> int:
        return self.now + HOUR + self.step


def play(monkeypatch: pytest.MonkeyPatch, *pauses: int) -> PlayedTime:
    played = PlayedTime(list(pauses))
    monkeypatch.setattr(time, "monotonic_ns", played.monotonic)
    monkeypatch.setattr(time, "time_ns", played.since_1970)
    return played


def test_one_moment_is_always_told_as_one_number():
    clock = Clock()
    assert len({clock.since_1970() for _ in range(100)}) == 1
    assert clock.since_1970() == pytest.approx(time.time_ns() - time.monotonic_ns(), abs=1_000_000)


def test_a_clock_that_is_set(monkeypatch: pytest.MonkeyPatch):
    played = play(monkeypatch)
    clock = Clock()
    assert clock.since_1970() == pytest.approx(HOUR, abs=1000)
    played.step = HOUR
    assert clock.since_1970() == pytest.approx(2 * HOUR, abs=1000)


def test_a_pause_between_both_clocks_is_not_their_difference(monkeypatch: pytest.MonkeyPatch):
    play(monkeypatch, 100, 5_000_000, 100, 5_000_000)
    assert Clock().since_1970() == pytest.approx(HOUR, abs=1000)
