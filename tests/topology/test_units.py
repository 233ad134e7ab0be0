from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.topology import units


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (units.duration, "10ms", 0.01),
        (units.duration, "1.5 s", 1.5),
        (units.duration, "1m", 60),
        (units.duration, "250us", 0.00025),
        (units.size, "4000 bytes", 4000),
        (units.size, "1 byte", 1),
        (units.size, "64 KiB", 65536),
        (units.size, "1 MB", 1_000_000),
        (units.size, "1.5 KiB", 1536),
        (units.memory, "256 MiB", 256 * 2**20),
        (units.memory, "64 GiB", 2**36),
        (units.percentage, "0.5%", 0.005),
        (units.percentage, "100 %", 1),
        (units.rate, "10 Mbit/s", 10_000_000),
        (units.rate, "56.6 kbit/s", 56_600),
    ],
)
def test_quantities(parse: Callable[[Any], float], text: str, value: float) -> None:
    assert parse(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "parse", [units.duration, units.size, units.memory, units.percentage, units.rate]
)
def test_a_bare_number_is_refused_with_an_example(parse: Callable[[Any], float]) -> None:
    with pytest.raises(ValueError, match=r"the number 10 needs a unit: .* looks like"):
        parse(10)


@pytest.mark.parametrize(
    ("parse", "value", "says"),
    [
        (units.duration, "10 parsecs", "'parsecs' is no unit here"),
        (units.duration, "-1s", "a duration looks like"),
        (units.duration, "soon", "a duration looks like 10ms or 2s, not 'soon'"),
        (units.duration, "10", "a duration looks like 10ms or 2s, not '10'"),
        (units.duration, "9999999 h", "longer than a week"),
        (units.duration, None, "a duration looks like"),
        (units.duration, True, "a duration looks like"),
        (units.size, "0.5 bytes", "not a whole number of bytes"),
        (units.size, "2 GiB", "larger than 1 GiB"),
        (units.memory, "5 MiB", "memory is 6 MiB to 1024 GiB, not '5 MiB'"),
        (units.memory, "2000 GiB", "memory is 6 MiB to 1024 GiB"),
        (units.percentage, "101%", "more than 100%"),
        (units.rate, "10 MB", "'MB' is no unit here"),
    ],
)
def test_what_is_no_quantity_is_refused(
    parse: Callable[[Any], float], value: Any, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        parse(value)


@given(st.integers(0, units.MAX_SECONDS * 1000))
def test_durations_come_back(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    assert units.duration(units.spell_duration(seconds)) == pytest.approx(seconds)


@given(st.integers(0, units.MAX_SIZE))
def test_sizes_come_back(size: int) -> None:
    assert units.size(units.spell_size(size)) == size
    assert units.is_size(units.spell_size(size))


@given(st.one_of(st.text(), st.from_regex(units.DURATION_PATTERN)))
def test_the_schema_pattern_takes_what_the_parser_takes(text: str) -> None:
    try:
        units.duration(text)
    except ValueError:
        return
    assert re.search(units.DURATION_PATTERN, text)
