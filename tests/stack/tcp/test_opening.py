"""Connections begin (RFC 9293, 3.5)."""

from __future__ import annotations

from netlab.testing.tcp_dialogue import TcpDialogue


def test_a_client_opens():
    TcpDialogue().play("""
        connect
        > SYN seq=0 len=0 mss=1460 ws=7 sackok win=64240
        state SYN_SENT
        < SYN ACK seq=0 ack=1 mss=1000 sackok ws=2 ts=500 ecr=0
        > ACK seq=1 ack=1 len=0 ecr=500
        state ESTABLISHED
    """)


def test_a_server_is_opened():
    TcpDialogue().play("""
        listen
        < SYN seq=0 mss=1460
        > SYN ACK seq=0 ack=1 mss=1460 notime
        state SYN_RCVD
        < ACK seq=1 ack=1
        accept
        state ESTABLISHED
    """)
