from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.topology.ranges import MAX_COUNT, expand


def test_a_range_counts_both_its_ends() -> None:
    assert expand("c1..3") == ("c1", "c2", "c3")


def test_a_leading_zero_pads() -> None:
    assert expand("c08..10") == ("c08", "c09", "c10")


def test_a_plain_name_is_itself() -> None:
    assert expand("server") == ("server",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("c3..1", "runs backwards"),
        ("c1..", "is not a range"),
        ("../etc", "is not a range"),
        ("c1..x", "is not a range"),
        ("c1..99999999999", "is not a range"),
        ("c1..999999", "at most 4096"),
    ],
)
def test_a_bad_range_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        expand(text)


@given(st.integers(0, 10**6), st.integers(0, MAX_COUNT - 1))
def test_a_range_has_every_number_once_in_order(first: int, more: int) -> None:
    names = expand(f"c{first}..{first + more}")
    assert [int(name.removeprefix("c")) for name in names] == list(range(first, first + more + 1))


@given(st.text())
def test_any_text_expands_or_is_refused(text: str) -> None:
    with suppress(ValueError):
        assert expand(text)
