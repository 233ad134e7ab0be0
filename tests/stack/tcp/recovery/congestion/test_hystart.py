from __future__ import annotations

from netlab.stack.tcp.recovery.congestion.hystart import HyStart
from netlab.stack.tcp.recovery.limits import MILLISECOND


def rounds(hystart: HyStart, *rtts: int, first: int = 0, samples: int = 10) -> None:
    """One round for each round-trip time, in milliseconds."""
    for trip, rtt in enumerate(rtts, first):
        for _ in range(samples):
            hystart.measured(rtt * MILLISECOND, trip)


def test_a_round_that_is_longer_by_an_eighth_makes_growth_slow():
    hystart = HyStart()
    rounds(hystart, 80, 85)
    assert hystart.divisor == 1
    rounds(hystart, 96, first=2)
    assert hystart.divisor == 4


def test_a_few_milliseconds_are_noise_on_a_short_path():
    hystart = HyStart()
    rounds(hystart, 1, 4)
    assert hystart.divisor == 1
    rounds(hystart, 9, first=2)
    assert hystart.divisor == 4


def test_five_slow_rounds_end_slow_start():
    hystart = HyStart()
    rounds(hystart, 20, 30, 30, 30, 30, 30)
    assert not hystart.done
    rounds(hystart, 30, first=6)
    assert hystart.done


def test_a_round_as_short_as_before_resumes_slow_start():
    hystart = HyStart()
    rounds(hystart, 20, 30, 20)
    assert hystart.divisor == 1


def test_a_few_samples_tell_nothing():
    hystart = HyStart()
    rounds(hystart, 20, 90, samples=7)
    assert hystart.divisor == 1
