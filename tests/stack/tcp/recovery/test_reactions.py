"""What else recovery reacts to: repairs that were none, marks, path MTUs, trials, and any ACK."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.stack.tcp.recovery.limits import MILLISECOND, SECOND
from netlab.stack.tcp.recovery.progress import Expired, Phase
from netlab.testing.sender import MSS, RTT, Sender


class TestUndo:
    def test_one_report_does_not_excuse_what_was_sent_a_third_time(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(0, range(1, 4))
        sender.send_again(0)
        sender.time_out(Expired.RTO)
        sender.send_again(0)
        sender.pass_time()
        assert not sender.ack(10, 0).undone

    def test_retransmissions_that_the_peer_had_already_give_the_window_back(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(0, range(1, 4))
        sender.send_again(0)
        sender.pass_time(MILLISECOND)
        sender.ack(10)
        assert sender.recovery.cwnd == 5 * MSS
        sender.pass_time()
        assert sender.ack(10, 0).undone
        assert sender.recovery.cwnd >= 10 * MSS

    def test_a_real_loss_stays_one_though_the_network_doubles_other_segments(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(0, range(1, 4))
        sender.send_again(0)
        sender.pass_time()
        assert not sender.ack(10, 3).undone
        assert sender.recovery.cwnd == 5 * MSS


class TestEcn:
    def test_a_mark_reduces_once_a_window_and_is_answered_with_cwr(self):
        sender = Sender(segments=10)
        sender.pass_time()
        progress = sender.ack(2, ece=True)
        assert progress.entered is Phase.CWR
        assert sender.recovery.cwr_due
        assert sender.recovery.ssthresh == 5 * MSS
        for una in range(3, 11):
            sender.ack(una, ece=True)
        assert sender.recovery.ssthresh == 5 * MSS
        assert sender.recovery.phase is Phase.CWR
        sender.send(1)
        assert not sender.recovery.cwr_due
        sender.pass_time()
        assert sender.ack(11).entered is Phase.OPEN
        assert sender.recovery.cwnd == 5 * MSS

    def test_the_ack_that_ends_a_recovery_reduces_no_further(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(0, range(1, 4))
        sender.send_again(0)
        sender.pass_time()
        assert sender.ack(10, ece=True).entered is Phase.OPEN
        assert sender.recovery.ssthresh == 5 * MSS

    def test_a_retransmission_does_not_carry_the_answer(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(0, range(1, 4), ece=True)
        sender.send_again(0)
        assert sender.recovery.cwr_due

    def test_a_loss_in_the_same_window_reduces_no_further(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(2, ece=True)
        sender.ack(2, range(3, 7))
        assert sender.recovery.phase is Phase.RECOVERY
        assert sender.recovery.ssthresh == 5 * MSS

    def test_a_timeout_in_a_recovery_that_a_mark_began_is_undone_where_it_was_needless(self):
        sender = Sender(segments=10)
        sender.pass_time()
        sender.ack(2, ece=True)
        sender.ack(2, range(3, 7))
        before = sender.recovery.ssthresh
        sender.time_out(Expired.RTO)
        assert sender.recovery.ssthresh < before
        sender.send_again(2)
        sender.pass_time()
        sender.ack(10)
        assert sender.ack(10, 2).undone
        assert sender.recovery.ssthresh == before


def test_a_smaller_path_mtu_sends_again_without_a_smaller_window():
    sender = Sender(segments=10)
    sender.recovery.path_shrunk(500)
    assert sender.recovery.cwnd == 10 * MSS
    assert sender.recovery.in_flight == 0
    assert sender.lost == 0


def test_what_still_fits_a_smaller_path_mtu_may_arrive():
    sender = Sender(segments=10)
    sender.recovery.path_shrunk(MSS)
    assert sender.recovery.in_flight == 10 * MSS


class TestTrial:
    """A segment larger than the path is known to carry."""

    def sender(self) -> Sender:
        sender = Sender(segments=3)
        sender.recovery.sent(sender.now, *sender.range(3), is_trial=True)
        sender.next += 1
        sender.send(6)
        sender.pass_time()
        return sender

    def test_its_loss_is_no_congestion(self):
        sender = self.sender()
        sender.ack(3)
        assert sender.ack(3, range(4, 7)).lost == (sender.range(3),)
        assert sender.lost == 3
        assert sender.recovery.phase is Phase.DISORDER
        assert sender.recovery.cwnd >= 10 * MSS
        sender.send_again(3)
        sender.pass_time()
        assert sender.ack(10).entered is Phase.OPEN

    def test_another_loss_beside_it_is(self):
        sender = self.sender()
        sender.ack(2)
        sender.ack(2, range(4, 7))
        assert sender.recovery.phase is Phase.RECOVERY

    def test_what_is_sent_instead_is_no_trial(self):
        sender = self.sender()
        sender.ack(3)
        sender.ack(3, range(4, 7))
        sender.send_again(3)
        sender.send(4)
        sender.pass_time()
        sender.ack(3, range(4, 14))
        assert sender.recovery.phase is Phase.RECOVERY


def test_with_everything_acknowledged_no_timer_is_left():
    sender = Sender(segments=10)
    assert sender.recovery.next_timeout() is not None
    sender.pass_time()
    sender.ack(10)
    assert sender.recovery.next_timeout() is None


acks = st.tuples(
    st.integers(0, 40),
    st.lists(st.tuples(st.integers(-2, 45), st.integers(-2, 45)), max_size=4),
    st.booleans(),
    st.booleans(),
    st.one_of(st.none(), st.integers(-SECOND, 5 * SECOND)),
    st.integers(0, 2 * RTT),
)


@settings(max_examples=200, deadline=None)
@given(st.booleans(), st.lists(acks, max_size=60))
def test_no_peer_confuses_it(sack: bool, dialogue: list[tuple[Any, ...]]):
    sender = Sender(sack=sack)
    recovery = sender.recovery
    for acknowledged, blocks, ece, more, echoed, wait in dialogue:
        for _ in range(5):
            lost = recovery.next_lost()
            if recovery.allowance(sender.now) < MSS:
                break
            if lost is None:
                sender.send(1)
            else:
                recovery.sent(sender.now, lost[0], min(lost[1], lost[0] + MSS))
        sender.pass_time(wait)
        deadline = recovery.next_timeout()
        if deadline is not None and deadline <= sender.now:
            recovery.handle_timeout(sender.now)
        una = min(acknowledged, sender.next)
        recovery.acknowledged(
            sender.now,
            1 + una * MSS,
            [(1 + s * MSS + s, 1 + e * MSS - e) for s, e in blocks],
            echoed_ns=echoed,
            ece=ece,
            is_duplicate=una == sender.una,
            more=more,
        )
        sender.una = max(sender.una, una)
        board = recovery._board
        assert board.in_flight + board.lost + board.sacked == board.high - board.una
        assert recovery.cwnd >= 0
        assert (recovery.next_timeout() is None) == (board.high == board.una)
