from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.topology.scalars import resolve


@pytest.mark.parametrize(
    "text",
    [
        "on",
        "off",
        "yes",
        "no",
        "True",
        "NULL",
        "22:22",
        "1_000",
        "2024-01-01",
        "1.2.3",
        ".inf",
        "+1",
    ],
)
def test_what_yaml_1_1_misreads_stays_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("7", 7),
        ("-7", -7),
        ("007", 7),
        ("0x1f", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        ("2e3", 2000.0),
    ],
)
def test_the_core_schema(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_a_number_too_long_to_be_meant_stays_text() -> None:
    assert resolve("9" * 5000) == "9" * 5000
    assert resolve("1e999") == "1e999"


@given(st.integers(-(10**19), 10**19))
def test_integers_come_back(number: int) -> None:
    assert resolve(str(number)) == number


@given(st.text())
def test_every_text_has_a_value(text: str) -> None:
    assert resolve(text) in {None, text} or isinstance(resolve(text), int | float)
