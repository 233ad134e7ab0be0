from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.collect.events import Event, parse, read

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
FIELDS = TEXT.filter(lambda key: key not in {"t", "kind", "node", "conn"})
EVENTS = st.builds(
    Event,
    t=st.integers(),
    kind=TEXT,
    node=st.none() | TEXT,
    conn=st.none() | TEXT,
    data=st.dictionaries(FIELDS, VALUES, max_size=4),
)


def test_an_event_as_a_line():
    event = Event(5, "op", "c1", "first", {"op": "close", "status": "ok"})
    assert event.line() == (
        '{"t":5,"kind":"op","node":"c1","conn":"first","op":"close","status":"ok"}'
    )


def test_an_event_of_no_node_does_not_name_one():
    assert Event(0, "notice", data={"text": "ü"}).line() == '{"t":0,"kind":"notice","text":"ü"}'


@given(EVENTS)
def test_what_is_written_is_what_is_read(event: Event):
    assert parse(event.line()) == event


@given(EVENTS)
def test_an_event_is_one_line_for_every_reader(event: Event):
    assert len(event.line().splitlines()) == 1


def test_empty_lines_are_no_events():
    lines = [Event(1, "notice").line(), "", "  ", Event(2, "notice").line()]
    assert [event.t for event in read(lines)] == [1, 2]


@pytest.mark.parametrize(
    "line", ["", "no JSON", "[]", "7", '{"kind":"op"}', '{"t":1}', '{"t":"1","kind":"op"}']
)
def test_a_line_that_is_no_event(line: str):
    with pytest.raises(ValueError):  # noqa: PT011 - of json or of ours
        parse(line)


@given(st.text() | VALUES.map(json.dumps))
def test_any_line_is_an_event_or_a_value_error(line: str):
    with suppress(ValueError):
        assert isinstance(parse(line), Event)
