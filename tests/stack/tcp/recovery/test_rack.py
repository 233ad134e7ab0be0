from __future__ import annotations

from netlab.stack.tcp.recovery.limits import MILLISECOND, Limits
from netlab.stack.tcp.recovery.rack import PERSISTENCE, Rack
from netlab.stack.tcp.recovery.rtt import RoundTrip
from netlab.stack.tcp.recovery.scoreboard import Scoreboard

RTT = 40 * MILLISECOND
MSS = 100


class Path:
    """A scoreboard and RACK over it; segments are numbers from 0."""

    def __init__(self, segments: int, *, gap: int = MILLISECOND) -> None:
        self.board = Scoreboard(0)
        self.trip = RoundTrip(Limits())
        self.rack = Rack(self.trip, Limits(), 0)
        self.now = 0
        for number in range(segments):
            self.now = number * gap
            self.board.sent(self.now, number * MSS, (number + 1) * MSS)

    def send_again(self, number: int) -> None:
        self.board.sent(self.now, number * MSS, (number + 1) * MSS)

    def arrive(self, *numbers: int, echoed: int | None = None) -> None:
        """The peer acknowledges selectively, a round trip after the last was sent first."""
        arrived = self.board.select([(n * MSS, (n + 1) * MSS) for n in numbers])
        once = [s.sent_at for s in arrived if not s.retransmitted]
        if once:
            self.trip.seen(self.now, self.now - max(once))
            self.trip.measured(self.now, self.now - min(once))
        self.rack.arrived(self.now, arrived, echoed)

    def lost(self, *, recovering: bool = False) -> list[int]:
        ranges, self.wait = self.rack.detect(self.now, self.board, recovering=recovering)
        return [start // MSS for start, _ in ranges]


def test_a_hole_is_waited_on_for_a_quarter_of_the_round_trip():
    path = Path(3)
    path.now = RTT + MILLISECOND
    path.arrive(1)
    assert path.lost() == []
    assert path.wait == RTT // 4 - MILLISECOND + Limits().timer_slack
    path.now += RTT // 4 - MILLISECOND
    assert path.lost() == [0]


def test_three_segments_past_a_hole_are_certain_where_nothing_was_ever_reordered():
    path = Path(4)
    path.now = RTT + 3 * MILLISECOND
    path.arrive(1, 2)
    assert path.lost() == []
    path.arrive(3)
    assert path.lost() == [0]


def test_where_segments_were_reordered_three_past_a_hole_are_not_enough():
    path = Path(6)
    path.now = RTT + 3 * MILLISECOND
    path.arrive(1, 2)
    path.arrive(0)
    assert path.rack.reordering_seen
    path.now += 2 * MILLISECOND
    path.arrive(4, 5)
    assert path.lost() == []
    assert path.wait > 0


def test_a_lost_retransmission_is_found():
    path = Path(5)
    path.now = RTT + 4 * MILLISECOND
    path.arrive(1, 2, 3, 4)
    assert path.lost() == [0]
    path.send_again(0)
    path.now += MILLISECOND
    path.board.sent(path.now, 5 * MSS, 6 * MSS)
    path.now += RTT
    path.arrive(5)
    assert path.lost(recovering=True) == [0]


def test_an_ack_sooner_than_any_round_trip_is_of_the_first_transmission():
    path = Path(3)
    path.now = RTT + 2 * MILLISECOND
    path.arrive(2)
    path.send_again(0)
    path.now += RTT // 2
    path.arrive(0)
    path.board.sent(path.now, 3 * MSS, 4 * MSS)
    assert path.lost(recovering=True) == [1]
    assert path.rack._sent_at == 2 * MILLISECOND


def test_an_older_timestamp_tells_that_too():
    path = Path(3)
    path.now = RTT + 2 * MILLISECOND
    path.arrive(2)
    path.send_again(0)
    path.now += 2 * RTT
    path.arrive(0, echoed=RTT)
    assert path.rack._sent_at == 2 * MILLISECOND


def test_duplicates_widen_the_window_once_a_round_trip_and_recoveries_narrow_it_again():
    path = Path(2)
    path.now = RTT
    path.arrive(0)
    rack, board = path.rack, path.board
    rack.reordering_seen = True
    quarter = path.trip.minimum // 4
    assert rack.window(board, recovering=False) == quarter
    rack.sent_twice(0, 2 * MSS)
    rack.sent_twice(MSS, 3 * MSS)
    assert rack.window(board, recovering=False) == 2 * quarter
    rack.sent_twice(2 * MSS, 3 * MSS)
    assert rack.window(board, recovering=False) == 3 * quarter
    for _ in range(PERSISTENCE):
        assert rack.window(board, recovering=False) == 3 * quarter
        rack.recovered()
    assert rack.window(board, recovering=False) == quarter


def test_what_was_sent_again_needlessly_had_been_reordered():
    path = Path(4)
    path.now = RTT + 3 * MILLISECOND
    path.arrive(1, 2, 3)
    assert path.rack.window(path.board, recovering=True) == 0
    path.rack.sent_twice(0, 4 * MSS)
    assert path.rack.window(path.board, recovering=True) > 0


def test_the_window_is_never_longer_than_a_round_trip():
    path = Path(2)
    path.now = RTT
    path.arrive(0)
    path.rack.reordering_seen = True
    for round_trip in range(20):
        path.rack.sent_twice(round_trip * MSS, (round_trip + 1) * MSS)
    assert path.rack.window(path.board, recovering=True) == path.trip.srtt


def test_the_rto_spares_what_was_sent_just_now():
    path = Path(3)
    path.now = RTT + 2 * MILLISECOND
    path.arrive(2)
    path.now = 10 * RTT
    path.board.sent(path.now - MILLISECOND, 3 * MSS, 4 * MSS)
    path.rack.timed_out(path.now, path.board)
    assert path.board.lost == 2 * MSS
    assert path.board.in_flight == MSS


def test_the_rto_takes_the_first_segment_for_lost_however_young():
    path = Path(3)
    path.now = RTT
    path.arrive(0)
    path.board.acknowledge(MSS)
    path.rack.timed_out(path.now, path.board)
    assert (path.board.lost, path.board.in_flight) == (MSS, MSS)


def test_pieces_of_one_segment_are_as_old_as_each_other():
    path = Path(1)
    path.board.sent(0, MSS, 11 * MSS)
    path.now = RTT
    path.arrive(2, 5, 8)
    assert path.lost() == [0, 1, 3, 6]
