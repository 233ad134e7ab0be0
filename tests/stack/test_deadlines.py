from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.deadlines import Deadlines, earliest

STEPS = st.lists(
    st.tuples(st.sampled_from(("set", "cancel", "pass")), st.integers(0, 5), st.integers(0, 9))
)


@given(STEPS)
def test_it_tells_what_a_plain_table_would(steps: list[tuple[str, int, int]]):
    deadlines: Deadlines[int] = Deadlines()
    plain: dict[int, int] = {}
    now = 0
    for what, key, number in steps:
        if what == "set":
            deadlines.set(key, now + number)
            plain[key] = now + number
        elif what == "cancel":
            deadlines.cancel(key)
            plain.pop(key, None)
        else:
            now += number
            due = {key for key, when in plain.items() if when <= now}
            assert set(deadlines.expired(now)) == due
            plain = {key: when for key, when in plain.items() if key not in due}
        assert deadlines.next() == min(plain.values(), default=None)
        assert len(deadlines) == len(plain)


def test_what_is_moved_a_million_times_does_not_pile_up():
    deadlines: Deadlines[str] = Deadlines()
    for when in range(10_000):
        deadlines.set("rto", when)
    assert len(deadlines._heap) < 200
    assert list(deadlines.expired(10_000)) == ["rto"]


def test_something_may_be_timed_again_while_it_expires():
    deadlines: Deadlines[str] = Deadlines()
    deadlines.set("a", 1)
    for key in deadlines.expired(5):
        deadlines.set(key, 6)
    assert deadlines.next() == 6


def test_the_earliest_of_times_of_which_some_are_none():
    assert earliest(None, 3, 2) == 2
    assert earliest(None, None) is None
