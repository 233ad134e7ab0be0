from __future__ import annotations

from netlab.stack.tcp.recovery.limits import MILLISECOND, SECOND, Limits
from netlab.stack.tcp.recovery.tlp import LossProbe


def sent(*, is_retransmission: bool, high: int = 1000) -> LossProbe:
    probe = LossProbe(Limits())
    probe.want()
    probe.sent(high, is_retransmission=is_retransmission)
    assert probe.outstanding
    return probe


def test_it_waits_two_round_trips_and_longer_for_a_lone_segment_whose_ack_may_be_delayed():
    probe = LossProbe(Limits())
    rtt = 30 * MILLISECOND
    assert probe.delay(None, one_segment=True) == SECOND
    assert probe.delay(rtt, one_segment=False) == 2 * rtt + Limits().timer_slack
    assert probe.delay(rtt, one_segment=True) == 2 * rtt + Limits().max_ack_delay


def test_new_data_that_arrives_tells_of_no_loss():
    probe = sent(is_retransmission=False)
    assert not probe.answered(1000, None, is_plain_duplicate=False)
    assert not probe.outstanding


def test_the_last_segment_was_lost_if_nobody_reports_it_twice():
    probe = sent(is_retransmission=True)
    assert not probe.answered(1000, None, is_plain_duplicate=False)
    assert probe.outstanding
    assert probe.answered(2000, None, is_plain_duplicate=False)
    assert not probe.outstanding


def test_the_last_segment_was_not_lost_if_the_peer_has_it_twice():
    probe = sent(is_retransmission=True)
    assert not probe.answered(1000, (900, 1000), is_plain_duplicate=False)
    assert not probe.outstanding


def test_a_peer_that_cannot_report_duplicates_repeats_itself():
    probe = sent(is_retransmission=True)
    assert not probe.answered(1000, None, is_plain_duplicate=True)
    assert not probe.outstanding


def test_earlier_acks_say_nothing():
    probe = sent(is_retransmission=True)
    assert not probe.answered(999, (899, 999), is_plain_duplicate=True)
    assert probe.outstanding


def test_only_what_is_sent_when_it_is_wanted_is_a_probe():
    probe = LossProbe(Limits())
    probe.sent(1000, is_retransmission=False)
    assert not probe.outstanding
