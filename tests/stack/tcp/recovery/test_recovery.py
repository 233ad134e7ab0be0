"""Dialogues of a sender with the path, segment by segment."""

from __future__ import annotations

import pytest

from netlab.stack.tcp.recovery.congestion.reno import Reno
from netlab.stack.tcp.recovery.limits import MILLISECOND, SECOND, Limits
from netlab.stack.tcp.recovery.progress import Expired, Phase
from netlab.stack.tcp.recovery.recovery import Recovery
from netlab.testing.sender import MSS, RTT, Sender


def test_the_initial_window_is_ten_segments_and_doubles_in_a_round_trip():
    sender = Sender()
    assert sender.allowed == 10
    sender.send(10)
    assert sender.allowed == 0
    sender.pass_time()
    sender.ack(10)
    assert sender.allowed == 20


@pytest.mark.parametrize(("mss", "segments"), [(1460, 10), (536, 10), (2190, 6), (9000, 2)])
def test_the_initial_window_has_fewer_segments_where_they_are_large(mss: int, segments: int):
    recovery = Recovery(congestion=Reno(), mss=mss, profile=Limits(), sack=True, start=0)
    assert recovery.cwnd // mss == segments
    recovery.established(mss=mss, sack=True)
    assert recovery.cwnd // mss == segments


def test_a_lost_syn_leaves_one_segment_and_a_timeout_of_three_seconds():
    recovery = Recovery(congestion=Reno(), mss=MSS, profile=Limits(), sack=False, start=0)
    recovery.sent(0, 0, 1)
    assert recovery.next_timeout() == SECOND
    recovery.handle_timeout(SECOND)
    assert recovery.next_lost() == (0, 1)
    assert recovery.cwnd == MSS
    recovery.sent(SECOND, 0, 1)
    assert recovery.next_timeout() == 3 * SECOND
    recovery.acknowledged(SECOND + RTT, 1)
    recovery.established(mss=MSS, sack=True)
    assert recovery.allowance(SECOND + RTT) == MSS
    assert recovery.rto == 3 * SECOND


def test_the_window_does_not_grow_while_it_is_not_used():
    sender = Sender()
    for number in range(20):
        sender.send(1)
        sender.pass_time()
        sender.ack(number + 1)
    assert sender.recovery.cwnd == 10 * MSS


def test_round_trips_are_counted_by_what_was_sent_in_them(monkeypatch: pytest.MonkeyPatch):
    sender = Sender(segments=10)
    trips: list[int] = []
    monkeypatch.setattr(Reno, "on_ack", lambda *_, trip, **__: trips.append(trip))
    for number in range(20):
        sender.pass_time(RTT // 10)
        sender.ack(number + 1)
        sender.send(1)
    first = trips[0]
    assert trips == [first] * 9 + [first + 1] * 9 + [first + 2] * 2


def test_after_idling_a_large_window_is_not_sent_at_once():
    sender = Sender(segments=10)
    sender.pass_time()
    sender.ack(10)
    assert sender.allowed == 20
    sender.pass_time(sender.recovery.rto + 1)
    assert sender.allowed == 10


class TestWithoutSack:
    def test_the_third_duplicate_tells_of_a_loss_and_each_lets_a_segment_go(self):
        sender = Sender(sack=False, segments=10)
        sender.pass_time()
        for count in (1, 2):
            sender.ack(0)
            assert sender.recovery.phase is Phase.DISORDER
            assert sender.allowed == count  # limited transmit
        sender.send(2)
        progress = sender.ack(0)
        assert progress.entered is Phase.RECOVERY
        assert progress.lost == (sender.range(0),)
        assert sender.lost == 0
        assert sender.recovery.ssthresh == 5 * MSS

    def test_a_partial_ack_tells_of_the_next_loss_and_a_full_one_ends_it(self):
        sender = Sender(sack=False, segments=10)
        sender.pass_time()
        for _ in range(8):
            sender.ack(0)
        sender.send_again(0)
        sender.pass_time()
        assert sender.ack(4).lost == (sender.range(4),)
        sender.send_again(4)
        sender.pass_time()
        assert sender.ack(10).entered is Phase.OPEN
        assert sender.recovery.cwnd == sender.recovery.ssthresh == 5 * MSS

    def test_duplicates_of_what_a_timeout_sent_again_tell_of_no_loss(self):
        sender = Sender(sack=False, segments=4)
        sender.time_out(Expired.RTO)
        for number in range(4):
            sender.send_again(number)
        sender.pass_time()
        sender.ack(4)
        sender.send(4)
        for _ in range(3):
            progress = sender.ack(4)
        assert not progress.lost
        assert sender.recovery.phase is Phase.DISORDER

    def test_only_the_first_partial_ack_restarts_the_timer(self):
        sender = Sender(sack=False, segments=10)
        sender.pass_time()
        for _ in range(5):
            sender.ack(0)
        sender.send_again(0)
        sender.pass_time()
        sender.ack(2)
        deadline = sender.recovery.next_timeout()
        assert deadline == sender.now + sender.recovery.rto
        sender.pass_time()
        sender.ack(4)
        assert sender.recovery.next_timeout() == deadline


class TestWithSack:
    def test_a_hole_is_lost_and_the_rest_flows(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(0, 1)
        sender.ack(0, range(1, 3))
        assert sender.recovery.phase is Phase.DISORDER
        progress = sender.ack(0, range(1, 4))
        assert progress.entered is Phase.RECOVERY
        assert sender.lost == 0
        assert sender.allowed >= 1
        sender.send_again(0)
        assert sender.lost is None
        sender.pass_time()
        assert sender.ack(10).entered is Phase.OPEN
        assert sender.recovery.cwnd == 5 * MSS

    def test_the_window_comes_down_in_proportion_to_what_was_not_known_to_have_arrived(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(0, range(1, 3))
        sender.ack(0, range(1, 4))
        sender.send_again(0)
        sender.ack(0, range(1, 5))
        # Two of the eight that were on their way arrived, one segment left: 2 * 5 / 8 - 1.
        assert sender.recovery.allowance(sender.now) == MSS // 4

    def test_a_retransmission_has_a_whole_timeout_to_arrive(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(0, range(1, 4))
        sender.send_again(0)
        assert sender.recovery.next_timeout() == sender.now + sender.recovery.rto

    def test_many_losses_at_once_are_repaired_one_by_one(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(0, 8, 9)
        sender.time_out(Expired.REORDERING)
        assert sender.recovery.in_flight == 0
        assert sender.allowed == 1

    def test_two_segments_past_a_hole_are_waited_on(self):
        sender = Sender(segments=4)
        sender.pass_time()
        sender.ack(0, 2, 3)
        assert sender.lost is None
        sender.time_out(Expired.REORDERING)
        assert sender.lost == 0
        assert sender.recovery.phase is Phase.RECOVERY
        assert sender.allowed >= 1

    def test_a_reordered_segment_costs_nothing(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(0, 1)
        sender.ack(0, range(1, 3))
        sender.pass_time(MILLISECOND)
        assert sender.ack(3).entered is Phase.OPEN
        assert sender.recovery.cwnd >= 10 * MSS
        sender.ack(3, range(4, 10))
        assert sender.lost is None

    def test_a_lost_tail_is_probed_with_its_last_segment(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(7)
        sender.time_out(Expired.PROBE)
        assert sender.again == sender.range(9)
        assert sender.allowed >= 1
        sender.send_again(9)
        sender.pass_time()
        assert sender.ack(7, 9).lost == (sender.range(7), sender.range(8))
        assert sender.lost == 7

    def test_a_probe_that_repairs_the_only_loss_is_answered_by_a_smaller_window(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(9)
        sender.time_out(Expired.PROBE)
        sender.send_again(9)
        sender.pass_time()
        sender.ack(10)
        sender.send(1)
        sender.pass_time()
        before = sender.recovery.cwnd
        sender.ack(11)
        assert sender.recovery.cwnd < before
        assert sender.recovery.phase is Phase.OPEN

    def test_after_the_probe_comes_the_timeout(self):
        sender = Sender(segments=1)
        sender.time_out(Expired.PROBE)
        sender.send_again(0)
        assert sender.recovery.next_timeout() == sender.now + sender.recovery.rto
        sender.time_out(Expired.RTO)

    def test_new_data_is_a_probe_as_well(self):
        sender = Sender(segments=2)
        sender.time_out(Expired.PROBE)
        sender.send(1)
        sender.pass_time()
        sender.ack(0, 2)
        assert sender.lost == 0

    def test_what_the_peer_threw_away_is_sent_again_after_the_timeout(self):
        sender = Sender(segments=4)
        sender.pass_time()
        sender.ack(0, range(1, 3))
        sender.ack(1)
        sender.pass_time(SECOND)
        while sender.recovery.handle_timeout(sender.now) is not None:
            pass
        assert sender.lost == 1


class TestTimeout:
    def test_it_takes_everything_for_lost_and_starts_with_one_segment(self):
        sender = Sender(sack=False, segments=10)
        sender.time_out(Expired.RTO)
        recovery = sender.recovery
        assert (recovery.cwnd, recovery.ssthresh, recovery.in_flight) == (MSS, 5 * MSS, 0)
        assert recovery.phase is Phase.LOSS
        assert sender.lost == 0
        assert sender.allowed == 1

    def test_again_and_again_it_waits_twice_as_long_but_ssthresh_stays(self):
        sender = Sender(sack=False, segments=10)
        for count in range(1, 4):
            sender.time_out(Expired.RTO)
            sender.send_again(0)
            assert sender.recovery.backoffs == sender.recovery.retransmits == count
            wait = sender.recovery.next_timeout()
            assert wait == sender.now + (250 * MILLISECOND << count)
        assert sender.recovery.ssthresh == 5 * MSS

    def test_what_was_sent_twice_measures_no_time_and_the_wait_stays_long(self):
        sender = Sender(sack=False, segments=1)
        sender.time_out(Expired.RTO)
        sender.send_again(0)
        sender.pass_time()
        srtt = sender.recovery.srtt
        sender.ack(1)
        assert sender.recovery.srtt == srtt
        assert (sender.recovery.backoffs, sender.recovery.retransmits) == (1, 0)
        sender.send(1)
        sender.pass_time()
        sender.ack(2)
        assert sender.recovery.backoffs == 0

    def test_a_timestamp_tells_the_time_of_what_was_sent_twice(self):
        sender = Sender(sack=False, segments=1)
        sender.time_out(Expired.RTO)
        sender.send_again(0)
        sent_at = sender.now
        sender.pass_time(3 * RTT)
        sender.ack(1, echoed=sent_at)
        assert sender.recovery.backoffs == 0
        assert sender.recovery.srtt == RTT + (3 * RTT - RTT) // 8

    def test_the_timer_runs_by_what_the_same_ack_measured(self):
        sender = Sender(sack=False, segments=2)
        for _ in range(5):
            sender.time_out(Expired.RTO)
            sender.send_again(0)
        sent_at = sender.now
        sender.pass_time()
        sender.ack(1, echoed=sent_at)
        assert sender.recovery.next_timeout() == sender.now + 250 * MILLISECOND

    def test_the_echo_of_an_ack_to_a_late_copy_is_older_than_what_it_answers(self):
        sender = Sender(segments=1)
        sent_at = sender.now
        sender.time_out(Expired.PROBE)
        sender.send_again(0)
        sender.time_out(Expired.RTO)
        sender.send_again(0)
        sender.pass_time()
        srtt = sender.recovery.srtt
        sender.ack(1, 0, echoed=sent_at)
        assert sender.recovery.srtt == srtt

    def test_an_old_echo_shows_that_it_was_spurious(self):
        sender = Sender(sack=False, segments=10)
        sent_at = sender.now
        sender.time_out(Expired.RTO)
        sender.send_again(0)
        sender.pass_time(MILLISECOND)
        assert sender.ack(1, echoed=sent_at).undone
        recovery = sender.recovery
        assert recovery.phase is Phase.OPEN
        assert recovery.cwnd >= 10 * MSS
        assert sender.lost is None
        assert recovery.in_flight == 9 * MSS

    @pytest.mark.parametrize("sack", [False, True])
    def test_f_rto_shows_it_without_timestamps(self, sack: bool):
        sender = Sender(sack=sack, segments=10)
        sender.pass_time()
        if sack:
            sender.time_out(Expired.PROBE)
            sender.send_again(9)
        sender.time_out(Expired.RTO)
        sender.send_again(0)
        sender.pass_time(MILLISECOND)
        assert not sender.ack(1, more=True).undone
        assert sender.lost is None
        assert sender.allowed == 2
        sender.send(2)
        assert sender.ack(2, more=True).undone
        assert sender.recovery.phase is Phase.OPEN
        assert sender.recovery.cwnd >= 10 * MSS
        assert sender.lost is None

    def test_f_rto_goes_on_with_what_is_lost_if_the_loss_was_real(self):
        sender = Sender(sack=False, segments=10)
        sender.time_out(Expired.RTO)
        sender.send_again(0)
        sender.pass_time()
        sender.ack(1, more=True)
        sender.send(2)
        assert not sender.ack(1, more=True).undone
        assert sender.lost == 1
        assert sender.recovery.cwnd <= 3 * MSS

    def test_f_rto_may_send_new_data_though_much_is_in_flight(self):
        sender = Sender(segments=1)
        sender.pass_time()
        sender.ack(1)
        sender.send(2)
        sender.time_out(Expired.PROBE)
        sender.send_again(2)
        sender.pass_time(sender.recovery.rto - MILLISECOND)
        sender.send(8)
        sender.time_out(Expired.RTO)
        assert sender.recovery.in_flight == 8 * MSS
        sender.send_again(1)
        sender.pass_time(MILLISECOND)
        sender.ack(2, more=True)
        assert sender.allowed == 2

    def test_f_rto_is_over_when_the_timer_expires_once_more(self):
        sender = Sender(sack=False, segments=10)
        sender.time_out(Expired.RTO)
        sender.send_again(0)
        sender.pass_time()
        sender.ack(1, more=True)
        assert sender.lost is None
        sender.send(2)
        sender.time_out(Expired.RTO)
        assert sender.lost == 1

    def test_new_data_that_arrives_shows_nothing_about_the_old(self):
        sender = Sender(segments=3)
        sender.time_out(Expired.PROBE)
        sender.send_again(2)
        sender.time_out(Expired.RTO)
        sender.send_again(0)
        sender.pass_time()
        sender.ack(1, more=True)
        sender.send(2)
        sender.pass_time()
        assert not sender.ack(1, 3, more=True).undone
        assert sender.recovery.phase is Phase.LOSS

    def test_a_probe_before_it_is_not_taken_for_another_loss(self):
        sender = Sender(segments=10)
        sender.time_out(Expired.PROBE)
        sender.send_again(9)
        sender.time_out(Expired.RTO)
        ssthresh = sender.recovery.ssthresh
        for number in range(10):
            sender.send_again(number)
        sender.send(1)
        sender.pass_time()
        sender.ack(11)
        assert sender.recovery.phase is Phase.OPEN
        assert sender.recovery.ssthresh == ssthresh


def test_what_is_outstanding_of_it_known_to_have_come_lost_and_sent_again():
    sender = Sender(segments=10)
    recovery = sender.recovery
    sender.pass_time()
    sender.ack(2, range(5, 8))
    assert [recovery.outstanding, recovery.sacked] == [8 * MSS, 3 * MSS]
    sender.pass_time()
    sender.ack(2, range(5, 9))
    assert recovery.lost == 3 * MSS
    assert [recovery.in_flight_again, recovery.retransmissions] == [0, 0]
    sender.send_again(2)
    assert [recovery.lost, recovery.in_flight_again] == [2 * MSS, MSS]
    sender.send_again(3)
    sender.send()
    assert recovery.retransmissions == 2
    sender.ack(5, range(5, 9))
    assert [recovery.in_flight_again, recovery.retransmissions] == [0, 2]
