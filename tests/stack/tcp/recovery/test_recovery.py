from __future__ import annotations

from netlab.stack.tcp.recovery.congestion.reno import Reno
from netlab.stack.tcp.recovery.limits import MILLISECOND, SECOND, Limits
from netlab.stack.tcp.recovery.progress import Expired, Phase
from netlab.stack.tcp.recovery.recovery import Recovery

MSS = 1000
RTT = 50 * MILLISECOND


def established(*, sack: bool = False) -> Recovery:
    recovery = Recovery(congestion=Reno(), mss=MSS, profile=Limits(), sack=False, start=0)
    recovery.sent(0, 0, 1)
    recovery.acknowledged(RTT, 1)
    recovery.established(mss=MSS, sack=sack)
    return recovery


def send(recovery: Recovery, now: int, first: int, count: int) -> None:
    for number in range(first, first + count):
        recovery.sent(now, 1 + number * MSS, 1 + (number + 1) * MSS)


def test_the_initial_window_is_ten_segments_and_doubles_in_a_round_trip():
    recovery = established()
    assert recovery.allowance(RTT) == 10 * MSS
    send(recovery, RTT, 0, 10)
    assert recovery.allowance(RTT) == 0
    recovery.acknowledged(2 * RTT, 1 + 10 * MSS)
    assert recovery.allowance(2 * RTT) == 20 * MSS


def test_three_duplicates_tell_of_a_loss_and_each_lets_one_segment_go():
    recovery = established()
    send(recovery, RTT, 0, 10)
    for _ in range(2):
        recovery.acknowledged(2 * RTT, 1, is_duplicate=True)
    assert recovery.phase is Phase.DISORDER
    assert recovery.allowance(2 * RTT) == 2 * MSS
    progress = recovery.acknowledged(2 * RTT, 1, is_duplicate=True)
    assert progress.entered is Phase.RECOVERY
    assert recovery.next_lost() == (1, 1 + MSS)
    assert recovery.ssthresh == 5 * MSS


def test_a_timeout_backs_off_and_takes_everything_for_lost():
    recovery = established()
    send(recovery, RTT, 0, 10)
    deadline = recovery.next_timeout()
    assert deadline is not None
    assert recovery.handle_timeout(deadline - 1) is None
    timeout = recovery.handle_timeout(deadline)
    assert timeout is not None
    assert timeout.expired is Expired.RTO
    assert (recovery.cwnd, recovery.in_flight, recovery.backoffs) == (MSS, 0, 1)
    assert recovery.next_lost() == (1, 1 + MSS)


def test_a_lost_syn_leaves_one_segment_and_a_timeout_of_three_seconds():
    recovery = Recovery(congestion=Reno(), mss=MSS, profile=Limits(), sack=False, start=0)
    recovery.sent(0, 0, 1)
    assert recovery.next_timeout() == SECOND
    recovery.handle_timeout(SECOND)
    recovery.sent(SECOND, 0, 1)
    assert recovery.next_timeout() == 3 * SECOND
    recovery.acknowledged(SECOND + RTT, 1)
    recovery.established(mss=MSS, sack=False)
    assert recovery.allowance(SECOND + RTT) == MSS
    assert recovery.rto == 3 * SECOND
