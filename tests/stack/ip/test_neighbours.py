from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.ip import neighbours
from netlab.stack.ip.datagram import Outbound
from netlab.stack.ip.neighbours import TRANSITIONS, Input, Neighbour, Neighbours, State
from netlab.stack.units import SECOND
from netlab.wire.address import from_text

N, MAC, MAC2 = from_text("10.0.0.2"), b"\x02\0\0\0\0\x02", b"\x02\0\0\0\0\x03"


@dataclass
class Diary:
    """Writes down what the table wants done."""

    asked: list[bytes] = field(default_factory=list)
    delivered: list[tuple[bytes, bytes]] = field(default_factory=list)
    lost: list[bytes] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def ask(self, now: int, neighbour: Neighbour) -> None:
        self.asked.append(neighbour.mac)

    def deliver(self, now: int, outbound: Outbound, mac: bytes) -> None:
        self.delivered.append((outbound.head, mac))

    def lose(self, now: int, neighbour: Neighbour, outbound: Outbound) -> None:
        self.lost.append(outbound.head)

    def changed(self, now: int, neighbour: Neighbour) -> None:
        self.states.append(neighbour.state.value)


def a_table() -> tuple[Neighbours, Diary]:
    diary = Diary()
    return Neighbours(diary, Random(0)), diary


def reachable() -> tuple[Neighbours, Diary]:
    table, diary = a_table()
    table.wait(0, N, Outbound(b"1"))
    table.advertised(0, N, MAC, is_solicited=True, overrides=True)
    return table, diary


def play(table: Neighbours, until: int) -> None:
    while (when := table.next_timeout()) is not None and when <= until:
        table.handle_timeout(when)


def test_what_waits_goes_out_in_order_when_the_answer_comes():
    table, diary = a_table()
    packets = [b"%d" % number for number in range(neighbours.MAX_WAITING + 1)]
    for packet in packets:
        table.wait(0, N, Outbound(packet))
    table.advertised(1, N, MAC, is_solicited=True, overrides=False)
    assert diary.asked == [b""]
    assert diary.delivered == [(packet, MAC) for packet in packets[1:]]
    assert table.mac_of(2, N) == MAC


def test_nobody_answers_three_questions():
    table, diary = a_table()
    table.wait(0, N, Outbound(b"1"))
    play(table, 10 * SECOND)
    assert diary.asked == [b"", b"", b""]
    assert diary.lost == [b"1"]
    assert len(table) == 0
    assert diary.states == ["INCOMPLETE", "NONE"]


def test_who_has_been_silent_is_asked_alone_and_then_forgotten():
    table, diary = reachable()
    play(table, 60 * SECOND)
    assert table.mac_of(60 * SECOND, N) == MAC  # it is used while it is checked
    play(table, 80 * SECOND)
    assert diary.asked == [b"", MAC, MAC, MAC]
    states = ["INCOMPLETE", "REACHABLE", "STALE", "DELAY", "PROBE", "NONE"]
    assert diary.states == states


def test_a_confirmation_from_above_spares_the_question():
    table, diary = reachable()
    play(table, 60 * SECOND)
    table.mac_of(60 * SECOND, N)
    table.confirm(61 * SECOND, N)
    assert diary.asked == [b""]
    assert diary.states[-1] == "REACHABLE"


def test_another_address_that_does_not_override_only_raises_doubt():
    table, diary = reachable()
    table.advertised(1, N, MAC2, is_solicited=True, overrides=False)
    assert table.mac_of(1, N) == MAC
    assert "STALE" in diary.states


def test_another_address_that_overrides_is_taken():
    table, _ = reachable()
    table.advertised(1, N, MAC2, is_solicited=False, overrides=True)
    assert table.mac_of(1, N) == MAC2


def test_who_was_not_asked_for_is_not_kept():
    table, _ = a_table()
    table.advertised(0, N, MAC, is_solicited=False, overrides=True)
    assert table.get(N) is None


def test_who_asks_us_is_remembered_but_not_trusted():
    table, diary = a_table()
    table.heard(0, N, MAC)
    assert diary.states == ["STALE"]
    table.heard(0, N, MAC)
    assert diary.states == ["STALE"]


def test_a_scan_does_not_push_out_who_is_there():
    table, _ = reachable()
    for number in range(neighbours.MAX_UNKNOWN):
        table.wait(0, number.to_bytes(4, "big"), Outbound(b""))
    with pytest.raises(OSError, match=os.strerror(errno.ENOBUFS)):
        table.wait(0, b"\xff" * 4, Outbound(b""))
    assert table.mac_of(0, N) == MAC
    play(table, 5 * SECOND)
    table.wait(0, b"\xff" * 4, Outbound(b""))


def test_the_table_is_bounded_by_forgetting_the_oldest():
    table, _ = a_table()
    for number in range(neighbours.MAX_NEIGHBOURS + 5):
        table.heard(0, number.to_bytes(4, "big"), MAC)
    assert len(table) == neighbours.MAX_NEIGHBOURS
    assert table.get(bytes(4)) is None


def test_each_state_knows_its_timer_and_nothing_leads_out_of_none():
    assert not [1 for (before, _), _ in TRANSITIONS.items() if before is State.NONE]
    timed = {before for before, event in TRANSITIONS if event is Input.TIMEOUT}
    assert timed == {State.INCOMPLETE, State.REACHABLE, State.DELAY, State.PROBE}
    gave_up = {before for before, event in TRANSITIONS if event is Input.GAVE_UP}
    assert gave_up == {State.INCOMPLETE, State.PROBE}


EVENTS = st.sampled_from(("send", "answer", "tell", "contradict", "hear", "confirm", "pass"))


@given(st.lists(st.tuples(EVENTS, st.integers(0, 3), st.integers(1, 40)), max_size=60))
def test_whatever_happens_every_packet_is_delivered_lost_or_pushed_out(
    story: list[tuple[str, int, int]],
):
    table, diary = a_table()
    now = sent = direct = 0
    for event, who, number in story:
        address, mac = bytes((10, 0, 0, who)), bytes((2, 0, 0, 0, 0, number))
        if event == "send":
            sent += 1
            if table.mac_of(now, address) is None:
                table.wait(now, address, Outbound(b"x"))
            else:
                direct += 1
        elif event in {"answer", "tell", "contradict"}:
            solicited, overrides = event != "tell", event != "contradict"
            table.advertised(now, address, mac, is_solicited=solicited, overrides=overrides)
        elif event == "hear":
            table.heard(now, address, mac)
        elif event == "confirm":
            table.confirm(now, address)
        else:
            now += number * SECOND // 2
            play(table, now)
        waiting = sum(len(n.waiting) for n in table)
        known = direct + len(diary.delivered) + len(diary.lost) + waiting
        assert known <= sent
        for neighbour in table:
            assert bool(neighbour.mac) == (neighbour.state is not State.INCOMPLETE)
            assert not (neighbour.waiting and neighbour.mac)
        unknown = sum(n.state is State.INCOMPLETE for n in table)
        assert table._unknown == unknown
        assert sorted(table._known) == sorted(n.address for n in table if n.mac)
        doubtful = any(n.state in {State.DELAY, State.PROBE} for n in table)
        assert table.are_in_doubt == doubtful
    play(table, now + 100 * SECOND)
    assert not any(n.waiting for n in table)
    assert table.next_timeout() is None
