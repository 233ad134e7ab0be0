"""A lane between two ports that are played."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from netlab.clock import Clock
from netlab.fabric.emulator.agenda import Agenda
from netlab.fabric.emulator.hit import Hit
from netlab.fabric.emulator.lane import Lane
from netlab.fabric.emulator.port import Sent
from netlab.fabric.emulator.way import Way
from netlab.testing.clock import Machine
from netlab.testing.frames import number_of, tcp, udp
from netlab.topology.impairment import CLEAR, Action, Fault, Profile
from netlab.wire.tcp import Flags


class PlayedPort:
    """Has received some frames, and answers to what it is sent; room for everything at the end."""

    #: What its time stamps are wrong by, ns.
    off = 0

    def __init__(
        self, received: list[bytes] | None = None, answers: list[Sent] | None = None
    ) -> None:
        self.received = received or []
        self._answers = answers or []
        self.sent: list[int] = []

    def read(self, most: int) -> Iterator[tuple[int, memoryview]]:
        for _ in range(min(most, len(self.received))):
            yield time.time_ns() + self.off, memoryview(self.received.pop(0))

    def send(self, frame: bytes | memoryview) -> Sent:
        answer = self._answers.pop(0) if self._answers else Sent.YES
        if answer is Sent.YES:
            self.sent.append(number_of(bytes(frame)))
        return answer

    def count_drops(self) -> int:
        return 0


def lane(source: PlayedPort, target: PlayedPort, profile: Profile = CLEAR) -> Lane:
    return Lane(source, target, Way("7", profile), Clock())  # type: ignore[arg-type] # fakes


def let_retry(played: Lane) -> None:
    while (at := played.next_timeout) is not None:
        played.send_due(at)


def numbered(count: int) -> list[bytes]:
    return [udp(number) for number in range(count)]


def test_what_finds_no_room_goes_later_and_in_order():
    target = PlayedPort(answers=[Sent.YES, Sent.LATER])
    played = lane(PlayedPort(numbered(4)), target)
    played.receive()
    assert target.sent == [0]
    assert played.counts()["passed"] == 1
    let_retry(played)
    assert target.sent == [0, 1, 2, 3]
    assert played.counts()["passed"] == 4
    assert played.counts()["bytes"] == 4 * 60


def test_what_comes_while_others_wait_stays_behind_them():
    source, target = PlayedPort(numbered(2)), PlayedPort(answers=[Sent.LATER])
    played = lane(source, target)
    played.receive()
    source.received = [udp(2)]
    played.receive()
    let_retry(played)
    assert target.sent == [0, 1, 2]


def test_delayed_frames_wait_for_room_too():
    target = PlayedPort(answers=[Sent.LATER])
    played = lane(PlayedPort(numbered(3)), target, Profile(delay=0.001))
    played.receive()
    let_retry(played)
    assert target.sent == [0, 1, 2]


def test_a_port_that_stays_full_is_given_up():
    target = PlayedPort(answers=[Sent.LATER] * 1000)
    played = lane(PlayedPort(numbered(3)), target)
    played.receive()
    let_retry(played)
    assert target.sent == []
    assert played.counts()["unsent"] == 3


def test_a_port_that_is_down_keeps_nobody_waiting():
    target = PlayedPort(answers=[Sent.NEVER])
    played = lane(PlayedPort(numbered(2)), target)
    played.receive()
    assert played.next_timeout is None
    assert target.sent == [1]
    assert played.counts()["unsent"] == 1


@pytest.mark.parametrize("off", [-3_600_000_000_000, 3_600_000_000_000])
def test_a_clock_that_was_set_delays_nothing(off: int):
    source = PlayedPort(numbered(1))
    source.off = off
    played = lane(source, PlayedPort(), Profile(delay=1.0))
    before = time.monotonic_ns()
    played.receive()
    due = played.next_timeout
    assert due is not None
    assert before + 1_000_000_000 <= due <= time.monotonic_ns() + 1_000_000_000


def test_what_comes_while_others_are_read_came_when_it_came(monkeypatch: pytest.MonkeyPatch):
    machine = Machine()
    monkeypatch.setattr(time, "time_ns", machine.real)
    monkeypatch.setattr(time, "monotonic_ns", lambda: machine.monotonic)
    clock, came = machine.clock(), []

    def hit(told: Hit) -> None:
        came.append(told.came)
        machine.pass_(0.001)  # on a busy machine, that takes a while

    way = Way("7", Profile(loss=1.0), on_hit=hit)
    played = Lane(PlayedPort(numbered(3)), PlayedPort(), way, clock)  # type: ignore[arg-type] # fakes
    played.receive()
    assert [each - came[0] for each in came] == [0, 1_000_000, 2_000_000]


@pytest.mark.parametrize("set_by", [3_600_000_000_000, 300_000_000, -300_000_000, 100_000])
def test_packets_of_before_and_after_the_clock_was_set_are_told_in_one_time(
    monkeypatch: pytest.MonkeyPatch, set_by: int
):
    """The packet that was waiting as the clock was set came when it came, and so did the next."""
    machine = Machine()
    monkeypatch.setattr(time, "time_ns", machine.real)
    monkeypatch.setattr(time, "monotonic_ns", lambda: machine.monotonic)
    clock = machine.clock(least_step=50_000)
    hits: list[Hit] = []
    way = Way("7", Profile(loss=1.0), on_hit=hits.append)
    source = PlayedPort(numbered(1))
    source.off = -set_by  # it was stamped before
    played = Lane(source, PlayedPort(), way, clock)  # type: ignore[arg-type] # fakes
    began = clock.now()
    machine.set_by = set_by
    played.receive()
    machine.pass_(0.016)
    source.off, source.received = 0, [udp(1)]
    played.receive()
    assert [hit.came + clock.since_1970 - began for hit in hits] == [0, 16_000_000]


def test_a_fault_knows_the_numbers_of_connections_that_were_there_before():
    source, target = PlayedPort([tcp(Flags.SYN, 1000)]), PlayedPort()
    played = lane(source, target)
    played.receive()
    played.way.add(Fault(Action.DROP, "tcp.seq == 1", True, "", ""))
    source.received = [tcp(Flags.ACK, 1001)]
    played.receive()
    assert played.counts()["fault"] == 1


def test_an_agenda_comes_to_lanes_in_the_order_of_their_times():
    sooner = lane(PlayedPort(numbered(1)), PlayedPort(), Profile(delay=0.1))
    later = lane(PlayedPort(numbered(1)), PlayedPort(), Profile(delay=0.2))
    agenda = Agenda()
    for each in (later, sooner):
        each.receive()
        agenda.note(each)
        agenda.note(each)
    assert agenda.next == sooner.next_timeout
    assert list(agenda.due(time.monotonic_ns() + 150_000_000)) == [sooner]
    assert list(agenda.due(time.monotonic_ns() + 250_000_000)) == [later]
    assert agenda.next is None


def test_an_agenda_forgets_times_that_an_earlier_one_has_replaced():
    played = lane(PlayedPort(numbered(1)), PlayedPort(), Profile(rate=60 * 8 / 0.2))
    agenda = Agenda()
    played.receive()
    agenda.note(played)
    now = time.monotonic_ns()
    played.way.change(now, Profile(rate=60 * 8 / 0.02))
    agenda.note(played)
    assert list(agenda.due(now + 30_000_000)) == [played]
    assert list(agenda.due(now + 250_000_000)) == []
