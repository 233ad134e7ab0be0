"""Connections end (RFC 9293, 3.6; RFC 5961; RFC 6191)."""

from __future__ import annotations

import pytest

from netlab.stack.events import Closed
from netlab.stack.tcp.delayed_ack import Acks
from netlab.stack.tcp.profile import FREEBSD
from netlab.stack.tcp.settings import Settings
from netlab.testing.tcp_dialogue import TcpDialogue

rule = pytest.mark.rule

DELAYED = Settings(acks=Acks.DELAYED)

OPENED = """
    listen
    < SYN seq=0 mss=1460
    > SYN ACK
    < ACK seq=1 ack=1
    accept
"""


@rule("MUST-13")
def test_the_end_that_closes_first_waits_for_two_segment_lifetimes():
    TcpDialogue().play(
        OPENED
        + """
        close
        > FIN ACK seq=1 ack=1
        state FIN_WAIT_1
        < ACK seq=1 ack=2
        state FIN_WAIT_2
        < FIN ACK seq=1 ack=2
        > ACK seq=2 ack=2
        state TIME_WAIT
        wait 59s
        < FIN ACK seq=1 ack=2
        > ACK seq=2 ack=2
        wait 59s
        state TIME_WAIT
        wait 1s
        gone
    """
    )


def test_the_other_end_closes_second():
    TcpDialogue().play(
        OPENED
        + """
        < FIN ACK seq=1 ack=1
        > ACK seq=1 ack=2 after=40ms
        state CLOSE_WAIT
        read 0
        send 10
        > ACK PSH seq=1 ack=2 len=10
        < ACK seq=2 ack=11
        close
        > FIN ACK seq=11 ack=2
        state LAST_ACK
        < ACK seq=2 ack=12
        gone
    """
    )


def test_a_fin_in_answer_to_a_fin_takes_its_ack_along():
    """Though text would be acknowledged at once, as the connection has just begun."""
    TcpDialogue().play(
        OPENED
        + """
        < FIN ACK seq=1 ack=1 len=100
        nothing
        state CLOSE_WAIT
        read 100
        close
        > FIN ACK seq=1 ack=102
        < ACK seq=102 ack=2
        gone
    """
    )


def test_a_fin_without_an_answer_is_acknowledged_after_a_while():
    fin = "< FIN ACK seq=1 ack=1\n > ACK seq=1 ack=2 after="
    TcpDialogue().play(OPENED + fin + "40ms")
    TcpDialogue(FREEBSD).play(OPENED + fin + "0s")


def test_the_ack_of_a_fin_that_comes_again_in_time_wait_reports_no_duplicate():
    TcpDialogue().play(
        OPENED.replace("mss=1460", "mss=1460 sackok")
        + """
        close
        > FIN ACK seq=1 ack=1
        < FIN ACK seq=1 ack=2
        > ACK seq=2 ack=2
        state TIME_WAIT
        < FIN ACK seq=1 ack=2
        > ACK seq=2 ack=2 options=0
    """
    )


def test_a_fin_out_of_order_is_acknowledged_at_once():
    TcpDialogue(settings=DELAYED).play(
        OPENED
        + """
        < FIN ACK seq=101 ack=1 len=100
        > ACK ack=1
        < ACK seq=1 ack=1 len=100
        > ACK ack=202
        state CLOSE_WAIT
    """
    )


def test_both_ends_close_at_once():
    TcpDialogue().play(
        OPENED
        + """
        close
        > FIN ACK seq=1 ack=1
        < FIN ACK seq=1 ack=1
        > ACK seq=2 ack=2
        state CLOSING
        < ACK seq=2 ack=2
        state TIME_WAIT
    """
    )


def test_a_fin_that_acknowledges_ours_skips_fin_wait_2():
    TcpDialogue().play(
        OPENED
        + """
        close
        > FIN ACK seq=1 ack=1
        < FIN ACK seq=1 ack=2
        > ACK seq=2 ack=2
        state TIME_WAIT
    """
    )


@rule("MAY-1")
def test_half_a_connection_goes_on():
    TcpDialogue().play(
        OPENED
        + """
        shutdown
        > FIN ACK seq=1 ack=1
        fails EPIPE send 1
        < ACK seq=1 ack=2 len=100
        > ACK seq=2 ack=101
        read 100
        < FIN ACK seq=101 ack=2
        > ACK seq=2 ack=102
        read 0
    """
    )


def test_a_fin_rides_on_the_last_data():
    TcpDialogue().play(
        OPENED
        + """
        send 4000
        > ACK seq=1 len=1460
        > ACK seq=1461 len=1460
        > ACK seq=2921 len=1080
        close
        > FIN ACK seq=4001
        """
    )
    TcpDialogue().play("""
        listen
        < SYN seq=0 mss=1460 win=0
        > SYN ACK
        < ACK seq=1 ack=1 win=0
        accept
        send 100
        close
        < ACK seq=1 ack=1 win=1000
        > FIN ACK PSH seq=1 len=100
    """)


def test_a_connection_may_be_closed_before_it_is_established():
    TcpDialogue().play("""
        connect
        > SYN
        close
        gone
    """)
    TcpDialogue().play("""
        connect
        > SYN
        < SYN seq=0 mss=1460
        > SYN ACK seq=0 ack=1
        close
        state FIN_WAIT_1
        < ACK seq=1 ack=1
        > FIN ACK seq=1
        < ACK seq=1 ack=2
        state FIN_WAIT_2
    """)


@rule("SHLD-3")
def test_data_that_nobody_will_read_is_answered_with_a_reset():
    TcpDialogue().play(
        OPENED
        + """
        close
        > FIN ACK seq=1
        < ACK seq=1 ack=2 len=10
        > RST seq=2 options=0
        gone
    """
    )
    TcpDialogue().play(
        OPENED
        + """
        < ACK seq=1 ack=1 len=10
        > ACK ack=11
        close
        > RST ACK seq=1 ack=11
        gone
    """
    )


def test_linger_of_nothing_resets():
    TcpDialogue(settings=Settings(linger=0)).play(
        OPENED
        + """
        close
        > RST ACK seq=1 ack=1
        gone
    """
    )


def test_fin_wait_2_of_a_closed_connection_ends():
    TcpDialogue().play(
        OPENED
        + """
        close
        > FIN ACK
        < ACK seq=1 ack=2
        wait 60s
        gone
    """
    )


@rule("MUST-12")
def test_a_reset_is_told_once():
    played = TcpDialogue().play(
        OPENED
        + """
        < RST seq=1
        state CLOSED
        fails ECONNRESET send 1
        fails EPIPE send 1
        gone
    """
    )
    assert [e.errno for e in played.events if isinstance(e, Closed)] == [104]


def test_after_the_peers_last_word_a_reset_is_a_broken_pipe():
    TcpDialogue().play(
        OPENED
        + """
        < FIN ACK seq=1 ack=1
        > ACK ack=2 after=40ms
        state CLOSE_WAIT
        < RST seq=2
        fails EPIPE send 1
        gone
    """
    )


@pytest.mark.parametrize("state", ["FIN_WAIT_1", "FIN_WAIT_2", "CLOSING", "TIME_WAIT", "LAST_ACK"])
def test_a_reset_ends_every_state(state: str):
    ways = {
        "FIN_WAIT_1": ("shutdown\n> FIN ACK", 1),
        "FIN_WAIT_2": ("shutdown\n> FIN ACK\n< ACK seq=1 ack=2", 1),
        "CLOSING": ("shutdown\n> FIN ACK\n< FIN ACK seq=1 ack=1\n> ACK", 2),
        "TIME_WAIT": ("shutdown\n> FIN ACK\n< FIN ACK seq=1 ack=2\n> ACK", 2),
        "LAST_ACK": ("< FIN ACK seq=1 ack=1\n> ACK after=40ms\nshutdown\n> FIN ACK", 2),
    }
    way, number = ways[state]
    TcpDialogue().play(
        OPENED
        + f"""
        {way}
        state {state}
        < RST seq={number}
        gone
    """
    )


def test_a_reset_must_have_the_exact_number():
    """RFC 5961, 3.2."""
    TcpDialogue().play(
        OPENED
        + """
        < RST seq=2
        > ACK seq=1 ack=1
        < RST seq=100
        nothing
        wait 500ms
        < RST seq=100
        > ACK seq=1 ack=1
        < RST seq=70000
        nothing
        state ESTABLISHED
        < RST seq=1
        state CLOSED
    """
    )


def test_a_syn_in_a_connection_is_asked_about():
    """RFC 5961, 4.2: a peer that crashed answers with the reset that ends it."""
    TcpDialogue().play(
        OPENED
        + """
        < SYN seq=5000
        > ACK seq=1 ack=1
        < RST seq=1
        state CLOSED
    """
    )


def test_an_ack_far_away_is_not_taken():
    """RFC 5961, 5.2."""
    TcpDialogue().play(
        OPENED
        + """
        < ACK seq=1 ack=5 len=10
        > ACK seq=1 ack=1
        wait 1s
        < ACK seq=1 ack=-70000 len=10
        > ACK seq=1 ack=1
        fails EAGAIN read 10
    """
    )


def test_who_keeps_quiet_lets_none_take_it_over():
    TcpDialogue().play(
        OPENED
        + """
        close
        > FIN ACK
        < FIN ACK seq=1 ack=2
        > ACK
        quiet 2s
        < SYN seq=10
        > ACK seq=2 ack=2
        state TIME_WAIT
        wait 2s
        < SYN seq=10
        > SYN ACK ack=11
    """
    )


@rule("MAY-2", "SHLD-4")
def test_a_new_connection_may_take_the_pair_over():
    waiting = (
        OPENED
        + """
        close
        > FIN ACK
        < FIN ACK seq=1 ack=2
        > ACK
    """
    )
    dialogue = TcpDialogue().play(
        waiting
        + """
        state TIME_WAIT
        < SYN seq=0
        > ACK seq=2 ack=2
        < SYN seq=10
        > SYN ACK ack=11
    """
    )
    (new,) = dialogue.layer.sockets
    assert new.state.value == "SYN_RCVD"
    assert dialogue.connection is not None
    assert new.cb.iss > dialogue.connection.cb.snd_nxt


def test_a_timestamp_tells_a_new_connection_from_an_old_duplicate():
    """RFC 6191: the number need not be above the old one's."""
    TcpDialogue().play("""
        listen
        < SYN seq=0 mss=1460 ts=100
        > SYN ACK
        < ACK seq=1 ack=1 ts=101
        accept
        close
        > FIN ACK
        < FIN ACK seq=1 ack=2 ts=102
        > ACK
        < SYN seq=-1000 ts=50
        > ACK seq=2 ack=2
        < SYN seq=-1000 ts=103
        > SYN ACK ack=-999
    """)
