from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.tcp.schedule import Schedule


class Sleeper:
    def __init__(self) -> None:
        self.deadline: int | None = None

    def next_timeout(self) -> int | None:
        return self.deadline


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.one_of(st.none(), st.integers(0, 50)), st.booleans()),
        max_size=60,
    )
)
def test_the_earliest_is_known_however_deadlines_move(steps: list[tuple[int, int | None, bool]]):
    sleepers, schedule = [Sleeper() for _ in range(5)], Schedule()
    for number, deadline, wakes in steps:
        sleepers[number].deadline = deadline
        schedule.place(sleepers[number])
        times = [s.deadline for s in sleepers if s.deadline is not None]
        assert schedule.next() == min(times, default=None)
        if wakes:
            for awake in schedule.due(25):
                assert isinstance(awake, Sleeper)
                assert awake.deadline is not None
                assert awake.deadline <= 25
                awake.deadline = None
            assert all(s.deadline is None or s.deadline > 25 for s in sleepers)
