"""Connections begin (RFC 9293, 3.5; RFC 7323; RFC 4987; RFC 3168, 6.1.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.stack.events import Closed, Connected, Transition
from netlab.stack.tcp.pair import Pair
from netlab.stack.tcp.profile import FREEBSD, LINUX, Cookies, Profile
from netlab.stack.tcp.settings import Settings
from netlab.stack.units import SECOND
from netlab.testing.tcp_dialogue import OURS, PEER, PEER_PORT, PORT, FixedPath, TcpDialogue

rule = pytest.mark.rule


@rule("MUST-14", "MUST-4")
def test_a_client_opens():
    played = TcpDialogue().play("""
        connect
        > SYN seq=0 len=0 mss=1460 ws=7 sackok win=64240
        state SYN_SENT
        < SYN ACK seq=0 ack=1 mss=1000 sackok ws=2 ts=500 ecr=0
        > ACK seq=1 ack=1 len=0 ecr=500
        state ESTABLISHED
        send 3000
        > ACK seq=1 len=988
        > ACK seq=989 len=988
        > ACK seq=1977 len=988
        > ACK PSH seq=2965 len=36
    """)
    assert any(isinstance(event, Connected) for event in played.events)


def test_a_server_is_opened():
    played = TcpDialogue().play("""
        listen
        < SYN seq=0 mss=1460
        > SYN ACK seq=0 ack=1 mss=1460 notime
        state SYN_RCVD
        < ACK seq=1 ack=1
        accept
        state ESTABLISHED
    """)
    moves = [(e.before.value, e.after.value) for e in played.events if isinstance(e, Transition)]
    assert moves == [("LISTEN", "SYN_RCVD"), ("SYN_RCVD", "ESTABLISHED")]


@rule("MUST-10", "MUST-11")
def test_both_ends_open_at_once():
    TcpDialogue().play("""
        connect
        > SYN seq=0
        < SYN seq=0 mss=1460
        > SYN ACK seq=0 ack=1
        state SYN_RCVD
        < SYN ACK seq=0 ack=1
        state ESTABLISHED
        send 10
        > ACK seq=1 ack=1 len=10
    """)


@rule("MUST-11")
def test_a_reset_ends_a_simultaneous_open_but_not_a_listener():
    TcpDialogue().play("""
        connect
        > SYN
        < SYN seq=0
        > SYN ACK
        < RST seq=1
        state CLOSED
        fails ECONNREFUSED send 1
    """)
    TcpDialogue().play("""
        listen
        < SYN seq=0
        > SYN ACK
        < RST seq=1
        gone
        < SYN seq=0
        > SYN ACK
    """)


@rule("MUST-15")
@pytest.mark.parametrize(("offer", "size"), [("", 536), ("mss=536", 536), ("mss=9000", 1460)])
def test_the_peer_and_the_path_bound_segments(offer: str, size: int):
    TcpDialogue().play(f"""
        connect
        > SYN
        < SYN ACK seq=0 ack=1 {offer}
        > ACK
        send {size}
        > ACK seq=1 len={size}
    """)


@rule("MUST-16")
def test_options_take_room_from_data():
    TcpDialogue().play("""
        connect
        > SYN
        < SYN ACK seq=0 ack=1 mss=1460 ts=1 ecr=0
        > ACK
        send 2000
        > ACK seq=1 len=1448
        > ACK seq=1449 len=552
    """)


@rule("MUST-67")
def test_the_path_decides_what_the_syn_says():
    TcpDialogue(path=FixedPath(size=576)).play("""
        connect
        > SYN mss=536
    """)


@rule("MUST-65")
def test_only_a_syn_tells_an_mss():
    TcpDialogue(settings=Settings(timestamps=False)).play("""
        connect
        > SYN mss=1460
        < SYN ACK seq=0 ack=1 mss=1460
        > ACK options=0
        send 10
        > ACK len=10 options=0
    """)


def test_nothing_is_scaled_unless_both_ends_offer_it():
    TcpDialogue().play("""
        listen
        < SYN seq=0 mss=1460 ws=3
        > SYN ACK ws=7
        < ACK seq=1 ack=1 win=1
        accept
        send 20
        > ACK seq=1 len=8 after=200ms
    """)
    TcpDialogue().play("""
        listen
        < SYN seq=0 mss=1460
        > SYN ACK options=1
        < ACK seq=1 ack=1 win=10
        accept
        send 20
        > ACK seq=1 len=10 after=200ms
    """)


def test_a_syn_that_comes_again_is_answered_again():
    TcpDialogue().play("""
        listen
        < SYN seq=0
        > SYN ACK seq=0 ack=1
        < SYN seq=0
        > SYN ACK seq=0 ack=1
    """)


@rule("MUST-22", "MUST-20")
def test_syns_are_sent_less_and_less_often_and_then_given_up():
    played = TcpDialogue().play("""
        connect
        > SYN
        > SYN after=1s
        > SYN after=3s
        > SYN after=7s
        > SYN after=15s
        > SYN after=31s
        > SYN after=63s
        wait 64s
        state CLOSED
        fails ETIMEDOUT read 1
        gone
    """)
    assert [e.errno for e in played.events if isinstance(e, Closed)] == [110]


@rule("MUST-23")
def test_freebsd_gives_a_syn_more_than_three_minutes():
    dialogue = TcpDialogue(profile=FREEBSD).play("connect\n> SYN")
    while dialogue.layer.next_timeout() is not None:
        dialogue._expire(dialogue.layer.next_timeout() or 0)
        dialogue._sent.clear()
    assert dialogue.now > 180_000_000_000


def test_nobody_listens():
    TcpDialogue().play("""
        < SYN seq=7
        > RST ACK seq=0 ack=8
        < ACK seq=7 ack=100
        > RST seq=100
        < RST seq=7
        nothing
        < FIN ACK seq=7 ack=5
        > RST seq=5
    """)


def test_a_connection_is_refused():
    TcpDialogue().play("""
        connect
        > SYN
        < RST ACK seq=0 ack=1
        state CLOSED
        fails ECONNREFUSED send 1
        gone
    """)


def test_a_stranger_does_not_refuse_it():
    TcpDialogue().play("""
        connect
        > SYN
        < RST ACK seq=0 ack=2
        nothing
        < RST seq=0
        nothing
        < ACK seq=0 ack=77
        > RST seq=77
        < SYN ACK seq=0 ack=99
        > RST seq=99
        state SYN_SENT
    """)


def test_text_of_a_syn_waits_for_the_connection():
    TcpDialogue().play("""
        listen
        < SYN seq=0 len=10
        > SYN ACK seq=0 ack=11
        < ACK seq=11 ack=1
        accept
        read 10
    """)


def test_a_full_backlog_answers_with_cookies_and_keeps_nothing():
    dialogue = TcpDialogue().play("""
        listen 0
        < SYN seq=0 port=5000
        > SYN ACK port=5000
        < SYN seq=0 port=5001 mss=1460 sackok ws=4 ts=9
        > SYN ACK seq=0 ack=1 port=5001 sackok ws=7
    """)
    assert len(dialogue.layer.sockets) == 1
    dialogue.play("""
        < ACK seq=1 ack=1 port=5001 ts=10
        accept
        state ESTABLISHED
        send 100
        > ACK seq=1 ack=1 len=100 port=5001 sack=
    """)
    assert dialogue.connection is not None
    cb = dialogue.connection.cb
    assert (cb.offered_mss, cb.sack, cb.snd_shift, cb.timestamps) == (1460, True, 4, True)


@pytest.mark.parametrize(("profile", "room"), [(LINUX, 9), (FREEBSD, 13)])
def test_one_connection_more_than_the_backlog_waits(profile: Profile, room: int):
    """UNP, figure 4.10: "backlog" means something else on each system."""
    ports = range(5000, 5000 + room)
    syn = "< SYN seq=0 port={0}\n > SYN ACK port={0}\n"
    ack = "< ACK seq=1 ack=1 port={0}\n"
    TcpDialogue(replace(profile, syn_cookies=Cookies.NEVER)).play(
        "listen 8\n"
        + "".join(syn.format(port) for port in ports)
        + "< SYN seq=0 port=6000\n nothing\n"
        + "".join(ack.format(port) for port in ports)
        + "< SYN seq=0 port=6000\n nothing\n"
        + "accept\n"
        + syn.format(6000)
    )


def test_a_forged_cookie_is_refused():
    TcpDialogue().play("""
        listen 0
        < SYN seq=0 port=5000
        > SYN ACK port=5000
        < SYN seq=0 port=5001 mss=1460
        > SYN ACK port=5001
        < ACK seq=1 ack=2 port=5001
        > RST port=5001 seq=2
        < ACK seq=3 ack=1 port=5001
        > RST port=5001 seq=1
    """)


def test_one_connection_more_than_are_accepted_waits_in_syn_rcvd():
    TcpDialogue().play("""
        listen 0
        < SYN seq=0 port=5000
        > SYN ACK port=5000
        < ACK seq=1 ack=1 port=5000
        < SYN seq=0 port=5001
        nothing
        accept
        < SYN seq=0 port=5001
        > SYN ACK port=5001
    """)


def test_ecn_is_agreed_on_in_both_syns():
    TcpDialogue(settings=Settings(ecn=True)).play("""
        connect
        > SYN ECE CWR
        < SYN ACK ECE seq=0 ack=1 mss=1460
        > ACK
        send 10
        > ACK len=10 ect
        < ACK ECE seq=1 ack=11
        send 10
        > ACK CWR len=10 ect
    """)
    TcpDialogue().play("""
        listen
        < SYN ECE CWR seq=0 mss=1460
        > SYN ACK ECE
        < ACK seq=1 ack=1
        accept
        < ACK seq=1 ack=1 len=100 ce
        > ACK ECE ack=101
        < ACK CWR seq=101 ack=1 len=100 ect
        > ACK ack=201
    """)


def test_a_syn_sent_again_does_not_ask_for_ecn():
    TcpDialogue(settings=Settings(ecn=True)).play("""
        connect
        > SYN ECE CWR
        > SYN after=1s
    """)


def test_a_syn_that_is_never_acknowledged_is_forgotten():
    TcpDialogue().play("""
        listen
        < SYN seq=0
        > SYN ACK
        > SYN ACK after=1s
        > SYN ACK after=3s
        > SYN ACK after=7s
        > SYN ACK after=15s
        > SYN ACK after=31s
        wait 32s
        gone
    """)


def test_another_syn_within_the_window_returns_to_listen():
    """RFC 9293, 3.10.7.4, fourth: the first was an old duplicate's, or the peer began anew."""
    TcpDialogue().play("""
        listen
        < SYN seq=0
        > SYN ACK ack=1
        < SYN seq=100
        gone
        < SYN seq=100
        > SYN ACK ack=101
    """)


def test_ecn_may_be_refused():
    TcpDialogue(replace(LINUX, accepts_ecn=False)).play("""
        listen
        < SYN ECE CWR seq=0
        > SYN ACK
    """)


def test_who_keeps_quiet_opens_later_with_a_number_of_that_time():
    played = TcpDialogue()
    pair = Pair(OURS, PORT, PEER, PEER_PORT)
    number = played.layer.numbers.choose(played.now + 2 * SECOND, pair)
    played.play("""
        quiet 2s
        connect
        nothing
        state SYN_SENT
        > SYN seq=0 after=2s
        < SYN ACK seq=0 ack=1 mss=1460
        > ACK seq=1 ack=1
        state ESTABLISHED
    """)
    assert played.connection is not None
    assert played.connection.cb.iss == number


def test_who_keeps_quiet_drops_a_syn_and_answers_the_next():
    TcpDialogue().play("""
        quiet 2s
        listen
        < SYN seq=0 mss=1460
        nothing
        gone
        wait 2s
        < SYN seq=0 mss=1460
        > SYN ACK seq=0 ack=1
        < ACK seq=1 ack=1
        accept
        state ESTABLISHED
    """)


def test_who_keeps_quiet_resets_what_it_does_not_know():
    TcpDialogue().play("""
        quiet 2s
        listen
        < ACK seq=5 ack=77 len=10
        > RST seq=77
    """)


def test_a_close_in_the_quiet_time_sends_nothing():
    TcpDialogue().play("""
        quiet 2s
        connect
        close
        gone
    """)
