from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.report.columns import elide, left, printable, right, width, wrap


@pytest.mark.parametrize(
    ("text", "columns"), [("ab", 2), ("网络", 4), ("e\u0301", 1), ("…", 1), ("", 0)]
)
def test_width_counts_columns_not_characters(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\rb", "\u202e", "\ud800", "\u2028", "\x9b31m"])
def test_nothing_reaches_the_terminal_that_is_not_a_plain_character(hostile: str) -> None:
    assert printable(hostile).isprintable()


def test_elide_says_that_something_is_missing() -> None:
    assert elide("ESTABLISHED", 8) == "ESTABLI…"
    assert elide("LISTEN", 8) == "LISTEN"
    assert elide("网络网络", 4) == "网…"


def test_left_and_right_fill_the_room() -> None:
    assert left("ab", 4) == "ab  "
    assert right("网", 4) == "  网"


def test_wrap_breaks_at_spaces_and_within_words_only_if_it_must() -> None:
    assert list(wrap("one two three", 8)) == ["one two", "three"]
    assert list(wrap("incomprehensible", 8)) == ["incompre", "hensible"]
    assert list(wrap("a\nb", 8)) == ["a", "b"]
    assert list(wrap("", 8)) == [""]


@given(st.text(), st.integers(2, 40))
def test_wrapped_lines_fit_and_keep_every_word_character(text: str, room: int) -> None:
    lines = list(wrap(text, room))
    assert all(width(line) <= room for line in lines)
    kept = printable(text.replace("\n", "")).replace(" ", "")
    assert "".join(lines).replace(" ", "") == kept


@given(st.text(), st.integers(0, 40))
def test_elided_text_fits(text: str, room: int) -> None:
    assert width(elide(text, room)) <= room
