from __future__ import annotations

from dataclasses import asdict

from netlab.topology.impairment import BurstLoss, Profile
from netlab.topology.profile_text import told


def test_parameters_have_the_units_of_the_file() -> None:
    assert told({"delay": 0.02, "jitter": 0.005, "loss": 0.015}) == (
        "delay 20ms, jitter 5ms, loss 1.5%"
    )
    assert told({"rate": 2_000_000, "queue": 15140}) == "rate 2 Mbit/s, queue 15140 bytes"
    assert told({"reorder": 0.02, "reorder_by": 0.01}) == "reorder 2%, reorder by 10ms"


def test_bursts_as_they_are_and_as_an_event_has_them() -> None:
    burst = BurstLoss(0.02, 0.4)
    said = "burst (enter 2%, leave 40%, bad 100%, good 0%)"
    assert told({"burst": burst}) == said
    assert told({"burst": asdict(burst)}) == said


def test_what_a_step_has_cleared() -> None:
    assert told({"delay": 0.0, "rate": None}) == "delay 0s, no rate"


def test_every_parameter_can_be_told() -> None:
    assert told(asdict(Profile()))
