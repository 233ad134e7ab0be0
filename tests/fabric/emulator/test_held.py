from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.fabric.emulator.chances import Fate
from netlab.fabric.emulator.held import Held
from netlab.fabric.emulator.packet import Packet
from netlab.topology.impairment import Action, Fault
from netlab.topology.moment import Moment

MOMENTS = st.sampled_from([None, Moment("a", "done"), Moment("b", "done")])
WAITS = st.lists(st.tuples(st.none() | st.integers(0, 50), MOMENTS), max_size=20)


@given(WAITS)
def test_moments_release_theirs_in_the_order_they_came_and_time_the_others(
    waits: list[tuple[int | None, Moment | None]],
):
    held = Held()
    for number, (duration, until) in enumerate(waits):
        frame = bytes(number)
        fault = Fault(Action.HOLD, "udp", True, "", "", duration=duration, until=until)
        held.push(0, Packet(frame, frame, 0, Fate()), fault)
    numbered = list(enumerate(waits))
    freed = [len(packet.frame) for packet, _ in held.pop_until("a done")]
    assert freed == [number for number, (_, until) in numbered if str(until) == "a done"]
    timed = []
    while held.next_due is not None:
        due = held.next_due
        timed.append((due // 1_000_000_000, len(held.pop()[0].frame)))
    left = [(wait, number) for number, (wait, _) in numbered if number not in freed]
    assert timed == sorted((wait, number) for wait, number in left if wait is not None)
    assert len(held) == len(left) - len(timed)
    assert held.bytes == sum(number for wait, number in left if wait is None)
