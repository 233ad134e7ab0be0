"""A conversation says what it waits for and leaves the waiting to others."""

from __future__ import annotations

import hashlib
import socket

import pytest

from netlab.agent import services
from netlab.agent.conversation import Accounts, Until, play


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.settimeout(20)
        yield ours, theirs


def test_a_request_a_thought_and_a_reply(pair: tuple[socket.socket, socket.socket]):
    server, client = pair
    conversation = play(services.echo(), server.recv, server.send, 0.5, Accounts())
    assert next(conversation) is Until.READABLE
    client.sendall(b"hello")
    assert next(conversation) == 0.5
    assert next(conversation) is Until.WRITABLE
    assert next(conversation) is Until.READABLE
    assert client.recv(10) == b"hello"
    client.shutdown(socket.SHUT_WR)
    assert next(conversation, None) is None


def test_what_is_not_there_yet_is_waited_for_again(pair: tuple[socket.socket, socket.socket]):
    server, client = pair
    conversation = play(services.discard(), server.recv, server.send, 0.0, Accounts())
    next(conversation)
    assert next(conversation) is Until.READABLE  # woken for nothing
    client.sendall(b"x")
    assert next(conversation) is Until.READABLE


def test_a_full_buffer_is_waited_for(pair: tuple[socket.socket, socket.socket]):
    server, client = pair
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    accounts = Accounts()
    conversation = play(
        services.up_to(services.chargen(), 100_000), server.recv, server.send, 0.0, accounts
    )
    received = b""
    for wait in conversation:
        assert wait is Until.WRITABLE
        client.setblocking(False)
        try:
            received += client.recv(1000)
        except BlockingIOError:
            continue
    client.settimeout(20)
    while len(received) < 100_000:
        received += client.recv(65_536)
    assert accounts.sent.size == len(received) == 100_000
    assert accounts.told()["sent_sha256"] == hashlib.sha256(received).hexdigest()


def test_a_client_that_is_gone_is_an_error(pair: tuple[socket.socket, socket.socket]):
    server, client = pair
    conversation = play(services.daytime(), server.recv, server.send, 0.0, Accounts())
    next(conversation)
    client.close()
    assert next(conversation) is Until.WRITABLE
    with pytest.raises(OSError, match="Broken pipe"):
        next(conversation)
