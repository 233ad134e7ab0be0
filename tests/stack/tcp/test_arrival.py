"""Which segments are taken, and what they do (RFC 9293, 3.10.7.4; RFC 7323, 5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.stack.events import Urgent
from netlab.stack.tcp.acceptance import is_acceptable, is_older, passes_paws
from netlab.stack.tcp.profile import FREEBSD, LINUX
from netlab.testing.tcp_dialogue import TcpDialogue

rule = pytest.mark.rule

PLAIN = replace(LINUX, quick_acks=0)
OPENED = """
    listen
    < SYN seq=0 mss=1000
    > SYN ACK
    < ACK seq=1 ack=1
    accept
"""


@pytest.mark.parametrize(
    ("sequence", "length", "window", "answer"),
    [
        (100, 0, 0, True),
        (101, 0, 0, False),
        (99, 0, 0, False),
        (100, 0, 10, True),
        (109, 0, 10, True),
        (110, 0, 10, False),
        (99, 0, 10, False),
        (100, 1, 0, False),
        (100, 5, 10, True),
        (99, 1, 10, False),
        (99, 2, 10, True),
        (90, 30, 10, False),
        (109, 5, 10, True),
        (110, 5, 10, False),
    ],
)
def test_the_four_cases_of_table_6(sequence: int, length: int, window: int, answer: bool):
    assert is_acceptable(sequence, length, 100, window) is answer


def test_old_text_is_cut_off_and_text_beyond_the_window_too():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=10
        > ACK ack=11 after=40ms
        < ACK seq=-9 ack=1 len=30
        > ACK ack=21
        read 20
    """
    )


def test_segments_of_one_moment_are_acknowledged_one_by_one_at_the_beginning():
    TcpDialogue().play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=1000 more
        < ACK seq=1001 ack=1 len=1000 more
        < ACK PSH seq=2001 ack=1 len=100
        > ACK ack=1001
        > ACK ack=2001
        > ACK ack=2101
    """
    )


def test_later_they_are_acknowledged_together():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=1000 more
        < ACK seq=1001 ack=1 len=1000 more
        < ACK PSH seq=2001 ack=1 len=100
        > ACK ack=2101
    """
    )


def test_a_segment_that_was_here_is_acknowledged_again():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=10
        > ACK ack=11 after=40ms
        < ACK seq=1 ack=1 len=10
        > ACK ack=11
    """
    )


def test_what_follows_a_segment_that_was_here_is_acknowledged_late_again():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=10
        > ACK ack=11 after=40ms
        < ACK seq=1 ack=1 len=10
        > ACK ack=11
        < ACK seq=11 ack=1 len=10
        > ACK ack=21 after=40ms
    """
    )


def test_who_sends_again_what_was_here_is_then_acknowledged_at_once():
    TcpDialogue(replace(LINUX, quick_acks=1)).play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=10
        > ACK ack=11
        < ACK seq=11 ack=1 len=10
        > ACK ack=21 after=40ms
        < ACK seq=11 ack=1 len=10
        > ACK ack=21
        < ACK seq=21 ack=1 len=10
        > ACK ack=31 after=0ms
    """
    )


def test_two_ends_that_disagree_make_no_war_of_acks():
    TcpDialogue().play(
        OPENED
        + """
        < ACK seq=-5 ack=1
        > ACK seq=1 ack=1
        < ACK seq=-5 ack=1
        nothing
        wait 500ms
        < ACK seq=-5 ack=1
        > ACK seq=1 ack=1
    """
    )


def test_a_segment_without_ack_is_dropped():
    TcpDialogue().play(
        OPENED
        + """
        < PSH seq=1 len=10
        nothing
        fails EAGAIN read 10
    """
    )


def test_a_fin_before_its_text_waits():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        < FIN ACK seq=101 ack=1 len=50
        > ACK ack=1
        state ESTABLISHED
        < ACK seq=1 ack=1 len=100
        > ACK ack=152
        state CLOSE_WAIT
        read 150
        read 0
    """
    )


STAMPED = """
    listen
    < SYN seq=0 mss=1000 ts=1000 sackok
    > SYN ACK ecr=1000
    < ACK seq=1 ack=1 ts=1001
    accept
"""


def test_an_old_timestamp_shows_an_old_segment():
    """RFC 7323, 5.3."""
    TcpDialogue(PLAIN).play(
        STAMPED
        + """
        < ACK seq=1 ack=1 len=10 ts=2000
        > ACK ack=11 ecr=2000 after=40ms
        < ACK seq=11 ack=1 len=10 ts=1500
        > ACK ack=11 ecr=2000
        < ACK seq=11 ack=1 len=10 ts=2001
        > ACK ack=21 ecr=2001 after=40ms
    """
    )


def test_linux_takes_data_that_are_one_tick_old():
    TcpDialogue(PLAIN).play(
        STAMPED
        + """
        < ACK seq=1 ack=1 len=10 ts=2000
        > ACK ack=11 ecr=2000 after=40ms
        < ACK seq=11 ack=1 len=10 ts=1998
        > ACK ack=11 ecr=2000
        < ACK seq=11 ack=1 len=10 ts=1999
        > ACK ack=21 ecr=2000 after=40ms
    """
    )


def test_the_rfc_takes_none_that_are_older():
    TcpDialogue(FREEBSD).play(
        STAMPED
        + """
        < ACK seq=1 ack=1 len=10 ts=2000
        > ACK ack=11 ecr=2000 after=40ms
        < ACK seq=11 ack=1 len=10 ts=1999
        > ACK ack=11 ecr=2000
    """
    )


def test_a_reset_needs_no_timestamp():
    TcpDialogue().play(
        STAMPED
        + """
        < RST seq=1
        gone
    """
    )


def test_segments_without_timestamps_are_dropped_where_the_rfc_is_followed():
    TcpDialogue(replace(FREEBSD, delayed_ack=1000)).play(
        STAMPED
        + """
        < ACK seq=1 ack=1 len=10
        nothing
        fails EAGAIN read 10
    """
    )
    TcpDialogue().play(
        STAMPED
        + """
        < ACK seq=1 ack=1 len=10
        > ACK ack=11
    """
    )


def test_the_timestamp_of_what_came_out_of_order_is_not_echoed():
    """RFC 7323, 4.3: the round trip of the delayed segment is what counts."""
    TcpDialogue(PLAIN).play(
        STAMPED
        + """
        < ACK seq=101 ack=1 len=100 ts=1003
        > ACK ack=1 ecr=1001
        < ACK seq=1 ack=1 len=100 ts=1002
        > ACK ack=201 ecr=1002
    """
    )


def test_timestamps_of_a_connection_that_slept_for_a_month_are_new():
    day = 24 * 3600 * 10**9
    assert not passes_paws(5, 10, 23 * day)
    assert passes_paws(5, 10, 25 * day)
    assert is_older(2**32 - 1, 3)
    assert not is_older(3, 2**32 - 1)


@rule("MUST-30", "MUST-31", "MUST-62")
def test_urgent_data_is_pointed_at_behind_its_end():
    TcpDialogue().play(
        OPENED
        + """
        send 10
        > ACK seq=1 len=10 urg=0
        urgent 5
        > ACK URG seq=11 len=5 urg=5
        < ACK seq=1 ack=16
        send 10
        > ACK seq=16 len=10 urg=0
    """
    )


@rule("MUST-32", "MUST-33")
def test_the_user_hears_of_urgent_data_before_it_is_here():
    dialogue = TcpDialogue().play(
        OPENED
        + """
        < ACK URG seq=1 ack=1 len=10 urg=30
        > ACK ack=11
        < ACK URG seq=11 ack=1 len=5 urg=20
        > ACK ack=16
    """
    )
    assert dialogue.connection is not None
    assert sum(isinstance(event, Urgent) for event in dialogue.events) == 1
    assert dialogue.connection.urgent_ahead == 30
    dialogue.play("read 15")
    assert dialogue.connection.urgent_ahead == 15


def test_congestion_is_echoed_until_the_peer_has_heard():
    """RFC 3168, 6.1.3."""
    TcpDialogue().play("""
        listen
        < SYN ECE CWR seq=0 mss=1000
        > SYN ACK ECE
        < ACK seq=1 ack=1
        accept
        < ACK seq=1 ack=1 len=10 ce
        > ACK ECE ack=11
        < ACK seq=11 ack=1 len=10 ect
        > ACK ECE ack=21
        < ACK CWR seq=21 ack=1 len=10 ect
        > ACK ack=31
    """)


def test_a_syn_is_asked_about_wherever_it_is():
    """RFC 5961, 4.2; it is not data sent twice, of which D-SACK would tell."""
    TcpDialogue(PLAIN).play(
        STAMPED
        + """
        < SYN seq=-1000000 ts=1002
        > ACK ack=1 ecr=1001 sack=
    """
    )


def test_linux_acknowledges_each_segment_of_who_sends_old_ones():
    opened = (
        OPENED
        + """
        < ACK seq=1 ack=1 len=10
        > ACK ack=11
        send 10
        > PSH ACK seq=1 ack=11 len=10
        < ACK seq=11 ack=11 len=10
        > ACK ack=21 after=40ms
    """
    )
    TcpDialogue(LINUX).play(
        opened
        + """
        < ACK seq=1 ack=11 len=10
        > ACK ack=21
        < ACK seq=21 ack=11 len=10
        > ACK ack=31
    """
    )
