from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.fabric.emulator import requests
from netlab.fabric.emulator.wanted import Wanted
from netlab.topology.impairment import CLEAR, Action, BurstLoss, Fault, Profile
from netlab.topology.moment import Moment

SECONDS = st.floats(0, 100)
PROFILES = st.builds(Profile, delay=SECONDS, burst=st.none() | st.just(BurstLoss(0.1, 0.5)))
FAULTS = st.builds(
    Fault,
    st.sampled_from(list(Action)),
    st.just("udp"),
    st.booleans(),
    st.text(),
    st.text(),
    nth=st.lists(st.integers(1, 9)).map(tuple),
    every=st.none() | st.integers(1, 9),
    since=st.none() | SECONDS,
    duration=st.none() | SECONDS,
    until=st.none() | st.just(Moment("first", "established")),
)
STRETCHES = st.builds(
    Wanted,
    *(st.text() for _ in range(5)),
    PROFILES,
    PROFILES,
    st.lists(FAULTS, max_size=2).map(tuple),
)


def sent(value: Any) -> Any:
    return json.loads(json.dumps(asdict(value)))


@given(STRETCHES)
def test_what_is_sent_is_what_was_meant(wanted: Wanted):
    assert requests.wanted(sent(wanted)) == wanted


@given(FAULTS)
def test_a_fault(fault: Fault):
    assert requests.fault(sent(fault)) == fault


def test_some_fields_of_a_profile():
    changed = requests.profile_fields({"burst": {"enter": 0.1, "leave": 0.5}, "delay": 0.1})
    assert replace(CLEAR, **changed) == Profile(delay=0.1, burst=BurstLoss(0.1, 0.5))
    assert requests.profile_fields({"burst": None}) == {"burst": None}


def test_a_field_that_there_is_not():
    with pytest.raises(TypeError, match="speed"):
        requests.wanted({**sent(EXAMPLE), "forward": {"speed": 1}})


EXAMPLE = Wanted("a -- b", "a -- b", "l0a", "l0b", "7/a -- b", CLEAR, CLEAR)
