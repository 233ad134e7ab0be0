"""What time does (RFC 9293, 3.8.3 and 3.8.4; RFC 5927)."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest

from netlab.stack.tcp.profile import FREEBSD, LINUX
from netlab.stack.tcp.settings import Keepalive, Settings
from netlab.testing.tcp_dialogue import OURS, PEER, PEER_PORT, PORT, TcpDialogue
from netlab.wire.tcp import Tcp

rule = pytest.mark.rule

MILLISECOND, SECOND = 10**6, 10**9
OPENED = """
    listen
    < SYN seq=0 mss=1000
    > SYN ACK
    < ACK seq=1 ack=1
    accept
"""


@rule("MUST-25")
def test_nothing_is_sent_by_a_connection_that_idles():
    dialogue = TcpDialogue().play(OPENED)
    assert dialogue.layer.next_timeout() is None


@rule("MUST-24", "MUST-26", "MUST-28", "MUST-29")
def test_a_dead_peer_is_found_after_two_hours_and_nine_probes():
    TcpDialogue(settings=Settings(keepalive=Keepalive())).play(
        OPENED
        + """
        > ACK seq=0 len=0 after=2h
        < ACK seq=1 ack=1
        wait 7199s
        > ACK seq=0 len=0 after=1s
        """
        + "wait 74s\n > ACK seq=0 len=0 after=1s\n" * 8
        + """
        state ESTABLISHED
        wait 74s
        > RST ACK seq=1 after=1s
        state CLOSED
        fails ETIMEDOUT read 1
    """
    )


@rule("MUST-27", "MUST-29")
def test_the_times_of_keepalive_are_the_users():
    wish = Keepalive(idle=10 * SECOND, interval=SECOND, count=3)
    TcpDialogue(settings=Settings(keepalive=wish)).play(
        OPENED
        + """
        > ACK seq=0 len=0 after=10s
        > ACK seq=0 len=0 after=11s
        > ACK seq=0 len=0 after=12s
        > RST ACK seq=1 after=13s
        state CLOSED
        fails ETIMEDOUT read 1
        gone
    """
    )


def test_a_user_timeout_takes_the_place_of_the_count_of_probes():
    """tcp(7), TCP_USER_TIMEOUT: it is looked at when a probe is due."""
    wish = Keepalive(idle=SECOND, interval=SECOND, count=9)
    TcpDialogue(settings=Settings(keepalive=wish, user_timeout=5 * SECOND // 2)).play(
        OPENED
        + """
        > ACK seq=0 len=0 after=1s
        > ACK seq=0 len=0 after=2s
        > RST ACK seq=1 after=3s
        fails ETIMEDOUT read 1
        gone
    """
    )


def test_a_user_timeout_of_less_than_the_idle_time_waits_for_a_probe():
    wish = Keepalive(idle=2 * SECOND, interval=SECOND, count=1)
    TcpDialogue(settings=Settings(keepalive=wish, user_timeout=SECOND)).play(
        OPENED
        + """
        > ACK seq=0 len=0 after=2s
        > RST ACK seq=1 after=3s
        gone
    """
    )


@rule("MUST-20", "MUST-21")
def test_a_user_timeout_ends_what_is_not_acknowledged():
    at_once = replace(LINUX, late_user_timeout=False)
    TcpDialogue(at_once, settings=Settings(user_timeout=2 * SECOND)).play(
        OPENED
        + """
        wait 10s
        send 10
        > ACK len=10
        < ACK seq=1 ack=11
        wait 10s
        send 10
        > ACK seq=11 len=10
        > ACK seq=11 len=10 after=200ms
        > ACK seq=11 len=10 after=600ms
        > ACK seq=11 len=10 after=1400ms
        wait 599ms
        state ESTABLISHED
        wait 2ms
        state CLOSED
        fails ETIMEDOUT send 1
        gone
    """
    )


def test_the_user_timeout_of_linux_begins_when_data_is_sent_again():
    TcpDialogue(settings=Settings(user_timeout=800 * MILLISECOND)).play(
        OPENED
        + """
        send 10
        > ACK seq=1 len=10
        > ACK seq=1 len=10 after=200ms
        > ACK seq=1 len=10 after=600ms
        wait 399ms
        state ESTABLISHED
        wait 2ms
        fails ETIMEDOUT send 1
        gone
    """
    )


@pytest.mark.parametrize(
    ("timeout", "sent"),
    [
        (800 * MILLISECOND, "> SYN\n > SYN after=1s\n wait 1ms"),
        (2 * SECOND, "> SYN\n > SYN after=1s\n wait 999ms\n state SYN_SENT\n wait 2ms"),
    ],
)
def test_that_of_a_syn_when_it_is_sent_first_but_it_is_sent_again_once(timeout: int, sent: str):
    TcpDialogue(settings=Settings(user_timeout=timeout)).play(
        f"""
        connect
        {sent}
        fails ETIMEDOUT send 1
        gone
    """
    )


def test_a_syn_has_its_user_timeout():
    TcpDialogue(FREEBSD, settings=Settings(user_timeout=800 * MILLISECOND)).play("""
        connect
        > SYN
        wait 799ms
        state SYN_SENT
        wait 2ms
        gone
    """)


@rule("MUST-20")
def test_data_is_sent_again_for_a_quarter_of_an_hour():
    dialogue = TcpDialogue().play(OPENED + "send 10\n> ACK len=10")
    begun = dialogue.now
    sent = 0
    while dialogue.layer.next_timeout() is not None:
        dialogue._wait_for_segment()
        sent += len(dialogue._sent)
        dialogue._sent.clear()
    assert sent == 16, "where RTO is longer than at least, the time is over after 15"
    assert 924 * SECOND < dialogue.now - begun < 1050 * SECOND
    dialogue.play("fails ETIMEDOUT send 1")


def refused(dialogue: TcpDialogue, number: int, *, is_hard: bool, sequence: int = 0) -> bool:
    isn = dialogue._isn[PEER_PORT]
    quoted = Tcp(PORT, PEER_PORT, isn + sequence)
    return dialogue.layer.icmp_error(
        dialogue.now, OURS, PEER, quoted, error=number, is_hard=is_hard
    )


@rule("MUST-54", "MUST-47", "SHLD-26")
def test_an_icmp_error_refuses_a_connection():
    dialogue = TcpDialogue().play("connect\n> SYN")
    assert refused(dialogue, errno.EHOSTUNREACH, is_hard=False)
    dialogue.play("fails EHOSTUNREACH send 1\ngone")


@rule("MUST-56", "SHLD-25")
def test_a_soft_error_is_told_when_trying_was_in_vain():
    dialogue = TcpDialogue(FREEBSD).play("connect\n> SYN")
    assert refused(dialogue, errno.EHOSTUNREACH, is_hard=False)
    dialogue.play("state SYN_SENT")
    while dialogue.layer.next_timeout() is not None:
        dialogue._expire(dialogue.layer.next_timeout() or 0)
        dialogue._sent.clear()
    dialogue.play("fails EHOSTUNREACH send 1")


@rule("MUST-56")
def test_an_established_connection_outlives_errors():
    dialogue = TcpDialogue().play(OPENED + "send 10\n> ACK len=10")
    assert refused(dialogue, errno.ECONNREFUSED, is_hard=True, sequence=1)
    dialogue.play("< ACK seq=1 ack=11\nstate ESTABLISHED")


def test_an_error_must_quote_what_is_on_its_way():
    """RFC 5927, 4.1."""
    dialogue = TcpDialogue(FREEBSD).play("connect\n> SYN")
    assert not refused(dialogue, errno.ECONNREFUSED, is_hard=True, sequence=1)
    assert not refused(dialogue, errno.ECONNREFUSED, is_hard=True, sequence=-1)
    dialogue.play("state SYN_SENT")


def test_linux_believes_an_error_about_an_ack_that_is_not_on_its_way():
    dialogue = TcpDialogue().play(OPENED)
    assert not refused(dialogue, errno.ENOPROTOOPT, is_hard=True, sequence=2)
    assert not refused(dialogue, errno.ENOPROTOOPT, is_hard=True, sequence=0)
    assert refused(dialogue, errno.ENOPROTOOPT, is_hard=True, sequence=1)
    dialogue.play("state ESTABLISHED")


def test_a_smaller_path_makes_smaller_segments():
    dialogue = TcpDialogue().play("""
        listen
        < SYN seq=0 mss=1460
        > SYN ACK
        < ACK seq=1 ack=1
        accept
        send 2920
        > ACK seq=1 len=1460
        > ACK seq=1461 len=1460
    """)
    dialogue.path.size = 1040
    quoted = Tcp(PORT, PEER_PORT, dialogue._isn[PEER_PORT] + 1)
    assert dialogue.layer.icmp_error(
        dialogue.now, OURS, PEER, quoted, error=errno.EMSGSIZE, is_hard=False, mtu=1040
    )
    dialogue._drain()
    sizes = [len(out.payload) for _, out in dialogue._sent]
    assert max(sizes) == 1000
    assert sum(sizes) == 2920


@rule("MUST-18", "MUST-19")
def test_the_ack_of_what_was_sent_twice_measures_nothing():
    """RFC 6298, 3 and 5: the time out stays doubled until something is measured."""
    TcpDialogue(FREEBSD).play(
        OPENED
        + """
        send 10
        > ACK seq=1 len=10
        > ACK seq=1 len=10 after=30ms
        > ACK seq=1 len=10 after=90ms
        > ACK seq=1 len=10 after=210ms
        < ACK seq=1 ack=11
        send 10
        > ACK seq=11 len=10
        > ACK seq=11 len=10 after=240ms
    """
    )
