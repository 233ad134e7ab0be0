"""How much is sent, and when it is acknowledged (RFC 9293, 3.7.4 and 3.8.6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.stack.tcp.profile import FREEBSD, LINUX, Profile
from netlab.stack.tcp.settings import Settings
from netlab.stack.tcp.timers import Timer
from netlab.testing.tcp_dialogue import TcpDialogue, _Words

rule = pytest.mark.rule

OPENED = """
    listen
    < SYN seq=0 mss=1000 win=10000
    > SYN ACK
    < ACK seq=1 ack=1 win=10000
    accept
"""
PLAIN = replace(LINUX, quick_acks=0)


def test_the_end_of_what_was_written_is_pushed_again_when_it_is_lost():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        send 1500
        > ACK nopush seq=1 len=1000
        > ACK PSH seq=1001 len=500
        send 1000
        > ACK PSH seq=1501 len=1000
        < ACK seq=1 ack=1001 win=10000
        > ACK PSH seq=1001 len=500 after=200ms
    """
    )


def test_a_fin_does_not_push_what_more_was_to_follow():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        send 100 more
        nothing
        shutdown
        > FIN ACK nopush seq=1 len=100
    """
    )


def test_what_waits_for_more_waits_no_longer_than_until_the_next_ack():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        send 100
        > ACK seq=1 len=100
        send 100 more
        nothing
        < ACK seq=1 ack=101 win=10000
        > ACK nopush seq=101 len=100
    """
    )


def test_what_was_written_meanwhile_leaves_as_one_push():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        send 100
        > ACK PSH seq=1 len=100
        send 600
        send 600
        > ACK nopush seq=101 len=1000
        < ACK seq=1 ack=1101 win=10000
        > ACK PSH seq=1101 len=200
    """
    )


@rule("MUST-40", "MUST-58")
def test_a_lone_segment_is_acknowledged_late():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=100
        > ACK seq=1 ack=101 after=40ms
    """
    )


def test_two_full_segments_are_acknowledged_at_once():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=1000
        nothing
        < ACK seq=1001 ack=1 len=1000
        > ACK seq=1 ack=2001
    """
    )


def test_an_answer_takes_the_ack_along():
    TcpDialogue(PLAIN).play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=100
        read 100
        send 5
        > ACK PSH seq=1 ack=101 len=5
        wait 1s
        > ACK PSH seq=1 len=5
    """
    )


def test_the_first_segments_are_acknowledged_at_once():
    TcpDialogue().play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=100
        > ACK seq=1 ack=101
    """
    )


@rule("MUST-59")
def test_what_waits_is_taken_in_before_an_ack_is_sent():
    dialogue = TcpDialogue(PLAIN).play(OPENED)
    layer = dialogue.layer
    for start in (1, 1001, 2001, 3001):
        dialogue._inject(_Words(["ACK", f"seq={start}", "ack=1", "len=1000"]))
    assert [out.header.acknowledgment for out in layer.to_send(dialogue.now)] == [1_004_001]


def test_what_is_out_of_order_is_told_at_once():
    """RFC 5681, 4.2; RFC 2018, 4; RFC 2883, 4."""
    TcpDialogue(PLAIN).play("""
        listen
        < SYN seq=0 mss=1000 sackok
        > SYN ACK sackok
        < ACK seq=1 ack=1
        accept
        < ACK seq=1001 ack=1 len=100
        > ACK ack=1 sack=1001:1101
        < ACK seq=2001 ack=1 len=100
        > ACK ack=1 sack=2001:2101,1001:1101
        < ACK seq=1001 ack=1 len=100
        > ACK ack=1 sack=1001:1101,1001:1101,2001:2101
        < ACK seq=1 ack=1 len=1000
        > ACK ack=1101 sack=2001:2101
        < ACK seq=1 ack=1 len=100
        > ACK ack=1101 sack=1:101,2001:2101
        < ACK seq=1101 ack=1 len=900
        > ACK ack=2101 sack=
        read 2100
    """)


def test_a_small_segment_waits_for_the_one_before():
    """RFC 9293, 3.7.4, as Linux does it: for the small one."""
    TcpDialogue().play(
        OPENED
        + """
        send 10
        > ACK seq=1 len=10
        send 10
        nothing
        < ACK seq=1 ack=11 win=10000
        > ACK seq=11 len=10
    """
    )
    TcpDialogue(FREEBSD).play(
        OPENED
        + """
        send 1010
        > ACK seq=1 len=1000
        nothing
        < ACK seq=1 ack=1001 win=10000
        > ACK seq=1001 len=10
    """
    )


@rule("MUST-17")
def test_nodelay_sends_small_segments():
    TcpDialogue(settings=Settings(nodelay=True)).play(
        OPENED
        + """
        send 10
        > ACK seq=1 len=10
        send 10
        > ACK seq=11 len=10
    """
    )


@rule("MUST-61", "MUST-60")
def test_the_last_segment_is_pushed():
    TcpDialogue().play(
        OPENED
        + """
        send 2500
        > ACK seq=1 len=1000
        > ACK seq=1001 len=1000
        > ACK PSH seq=2001 len=500
    """
    )


@rule("MUST-38")
def test_a_silly_window_is_not_filled_at_once():
    TcpDialogue().play(
        OPENED
        + """
        < ACK seq=1 ack=1 win=100
        send 2000
        nothing
        > ACK seq=1 len=100 after=200ms
        < ACK seq=1 ack=101 win=5000
        > ACK seq=101 len=1000
        > ACK seq=1101 len=900
    """
    )


@rule("MUST-39")
def test_the_window_opens_in_no_small_steps():
    TcpDialogue(PLAIN, Settings(receive_buffer=4000)).play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=1000
        < ACK seq=1001 ack=1 len=1000
        > ACK ack=2001 win=2000
        < ACK seq=2001 ack=1 len=1000
        < ACK seq=3001 ack=1 len=1000
        > ACK ack=4001 win=0
        read 100 100
        read 800 800
        nothing
        < ACK seq=4001 ack=1 len=1
        > ACK ack=4001 win=0
        read 100 100
        > ACK ack=4001 win=1000
        read 1000 1000
        > ACK ack=4001 win=2000
    """
    )


def test_a_window_that_is_not_scaled_is_whole_segments():
    """So that the last segment before it closes is a full one."""
    TcpDialogue(PLAIN, Settings(receive_buffer=4900)).play(
        """
        listen
        < SYN seq=0 mss=1000
        > SYN ACK win=4000
        < ACK seq=1 ack=1
        accept
        < ACK seq=1 ack=1 len=1000
        < ACK seq=1001 ack=1 len=1000
        > ACK ack=2001 win=2000
        < ACK seq=2001 ack=1 len=1000
        < ACK seq=3001 ack=1 len=1000
        > ACK ack=4001 win=0
        read 100 100
        > ACK ack=4001 win=1000
        read 900 900
        nothing
        read 1000 1000
        > ACK ack=4001 win=2000
    """
    )


def test_a_syn_tells_whole_segments_of_what_it_announces():
    TcpDialogue(PLAIN, Settings(receive_buffer=8192)).play("""
        connect
        > SYN mss=1460 win=7300
        < SYN ACK seq=0 ack=1 mss=1000
        > ACK win=7300
    """)


@rule("MUST-1")
def test_a_window_above_half_of_its_field_is_no_negative_one():
    TcpDialogue().play("""
        listen
        < SYN seq=0 mss=1000 win=65535
        > SYN ACK
        < ACK seq=1 ack=1 win=65535
        accept
        send 1000
        > ACK len=1000
    """)


@rule("MUST-35", "MUST-36", "SHLD-29", "SHLD-30")
def test_a_closed_window_is_asked_less_and_less_often():
    TcpDialogue().play(
        OPENED
        + """
        < ACK seq=1 ack=1 win=0
        send 100
        > ACK seq=0 len=0 after=200ms
        < ACK seq=1 ack=1 win=0
        > ACK seq=0 len=0 after=400ms
        < ACK seq=1 ack=1 win=0
        > ACK seq=0 len=0 after=800ms
        < ACK seq=1 ack=1 win=1000
        > ACK PSH seq=1 len=100
    """
    )


@rule("MUST-37")
@pytest.mark.parametrize("profile", [LINUX, FREEBSD], ids=lambda p: p.name)
def test_a_window_may_stay_closed_for_a_day(profile: Profile):
    dialogue = TcpDialogue(profile).play(OPENED + "< ACK seq=1 ack=1 win=0\nsend 100")
    day = dialogue.now + 24 * 3600 * 10**9
    while dialogue.now < day:
        dialogue._wait_for_segment()
        dialogue._sent.clear()
        dialogue._play(["<", "ACK", "seq=1", "ack=1", "win=0"])
    dialogue._sent.clear()
    dialogue.play("state ESTABLISHED")


def test_a_peer_that_does_not_answer_probes_is_given_up():
    dialogue = TcpDialogue().play(OPENED + "< ACK seq=1 ack=1 win=0\nsend 100")
    while dialogue.layer.next_timeout() is not None:
        dialogue._wait_for_segment()
        dialogue._sent.clear()
    dialogue.play("fails ETIMEDOUT send 1\ngone")


def test_freebsd_asks_with_the_next_byte():
    TcpDialogue(FREEBSD).play(
        OPENED
        + """
        < ACK seq=1 ack=1 win=0
        send 100
        > ACK seq=1 len=1 after=30ms
        < ACK seq=1 ack=1 win=0
        > ACK seq=1 len=1 after=30ms
        < ACK seq=1 ack=2 win=1000
        > ACK seq=2 len=99
    """
    )


@rule("MUST-34")
def test_a_window_may_shrink():
    TcpDialogue().play(
        OPENED
        + """
        send 3000
        > ACK seq=1 len=1000
        > ACK seq=1001 len=1000
        > ACK seq=2001 len=1000
        send 1000
        > ACK seq=3001 len=1000
        < ACK seq=1 ack=1001 win=500
        send 1000
        nothing
        < ACK seq=1 ack=4001 win=10000
        > ACK seq=4001 len=1000
    """
    )


@rule("MUST-66")
def test_a_closed_window_still_hears_acks_urgency_and_resets():
    closed = (
        OPENED
        + """
        < ACK seq=1 ack=1 len=1000
        < ACK seq=1001 ack=1 len=1000
        > ACK ack=2001 win=0
        send 10
        > ACK seq=1 len=10
    """
    )
    TcpDialogue(PLAIN, Settings(receive_buffer=2000)).play(
        closed
        + """
        < ACK seq=2001 ack=11 len=1
        > ACK seq=11 ack=2001 win=0
        wait 1h
        < RST seq=2001
        state CLOSED
    """
    )
    dialogue = TcpDialogue(PLAIN, Settings(receive_buffer=2000)).play(
        closed
        + """
        < ACK URG seq=2001 ack=11 urg=5
    """
    )
    assert dialogue.connection is not None
    assert dialogue.connection.urgent_ahead == 2005


def test_a_full_send_buffer_makes_the_user_wait():
    TcpDialogue(settings=Settings(send_buffer=3000)).play(
        OPENED
        + """
        send 3000
        > ACK len=1000
        > ACK len=1000
        > ACK len=1000
        fails EAGAIN send 1
        < ACK seq=1 ack=2001 win=10000
        send 2000
        > ACK seq=3001 len=1000
        > ACK seq=4001 len=1000
    """
    )


def test_super_segments_are_multiples_of_the_segment_size():
    dialogue = TcpDialogue()
    dialogue.path.limit = 65_000
    dialogue.play("""
        listen
        < SYN seq=0 mss=1000 win=65535
        > SYN ACK
        < ACK seq=1 ack=1 win=65535
        accept
        send 25500
        > ACK seq=1 len=10000
        < ACK seq=1 ack=10001 win=65535
        > ACK seq=10001 len=15000
        > ACK PSH seq=25001 len=500
    """)


def test_an_old_segment_does_not_change_the_window():
    """RFC 9293, 3.10.7.4: SND.WL1 and SND.WL2."""
    dialogue = TcpDialogue(PLAIN).play(
        OPENED
        + """
        < ACK seq=11 ack=1 len=10 win=500
        > ACK ack=1
        < ACK seq=1 ack=1 len=10 win=9000
        > ACK ack=21
    """
    )
    assert dialogue.connection is not None
    assert dialogue.connection.cb.snd_wnd == 500


def test_a_window_that_closes_on_data_in_flight_needs_no_probe():
    dialogue = TcpDialogue().play(
        OPENED
        + """
        send 1000
        > ACK seq=1 len=1000
        < ACK seq=1 ack=1 win=0
        send 1000
        nothing
    """
    )
    assert dialogue.connection is not None
    assert dialogue.connection.timers[Timer.PERSIST] is None


def test_a_window_that_is_filled_as_it_opens_is_asked_by_what_fills_it():
    dialogue = TcpDialogue().play(
        OPENED
        + """
        < ACK seq=1 ack=1 win=0
        send 2000
        < ACK seq=1 ack=1 win=1000
        > ACK seq=1 len=1000
    """
    )
    assert dialogue.connection is not None
    assert dialogue.connection.timers[Timer.PERSIST] is None


def test_the_window_of_a_syn_is_not_scaled():
    """RFC 7323, 2.2: what lies beyond it was not offered."""
    dialogue = TcpDialogue(settings=Settings(receive_buffer=200_000)).play("""
        listen
        < SYN seq=0 mss=1000 ws=7
        > SYN ACK win=65000 ws=2
        < ACK seq=1 ack=1
        accept
        < ACK seq=70000 ack=1 len=10
        > ACK ack=1
    """)
    assert dialogue.connection is not None
    assert not dialogue.connection.receiving.has_holes


def test_a_fin_beyond_the_window_is_cut_off():
    TcpDialogue(PLAIN, Settings(receive_buffer=100)).play(
        OPENED
        + """
        < FIN ACK seq=1 ack=1 len=150
        > ACK ack=101 win=0 after=40ms
        state ESTABLISHED
        read 100
        > ACK ack=101 win=100
        < FIN ACK seq=101 ack=1 len=50
        > ACK ack=152 after=40ms
        state CLOSE_WAIT
    """
    )


def test_the_congestion_window_bounds_what_is_on_its_way():
    """RFC 6928, 2: ten segments at first."""
    dialogue = TcpDialogue()
    dialogue.path.limit = 65_000
    dialogue.play("""
        listen
        < SYN seq=0 mss=1000 win=65535
        > SYN ACK
        < ACK seq=1 ack=1 win=65535
        accept
        send 30000
        > ACK seq=1 len=10000
        nothing
    """)


def test_the_last_segment_is_sent_again_soon_if_nothing_is_heard():
    """RFC 8985, 7: a probe of the tail, which needs SACK."""
    TcpDialogue().play("""
        listen
        < SYN seq=0 mss=1000 sackok
        > SYN ACK
        < ACK seq=1 ack=1
        accept
        send 2000
        > ACK seq=1 len=1000
        > ACK seq=1001 len=1000
        > ACK PSH seq=1001 len=1000 after=2ms
    """)
