"""How a server hears of urgent data, on the loopback interface."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator

import pytest

from netlab.agent.kernel import urgent

_PATIENCE = 10.0


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGURG)
    yield
    signal.signal(signal.SIGURG, before)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A client, and what a server with a small buffer accepts; no process is its owner yet."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname())
        accepted, _ = listener.accept()
    with client, accepted:
        yield client, accepted


def heard(connection: socket.socket) -> list[bool]:
    told: list[bool] = []
    urgent.on_signal(connection, lambda: told.append(True))
    return told


def wait_until_announced(connection: socket.socket) -> None:
    """Linux answers EAGAIN, no longer EINVAL, once it knows of an urgent byte that is to come."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            connection.recv(1, socket.MSG_OOB | socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            time.sleep(0.01)
    pytest.fail("nothing was announced")


def test_nothing_urgent(ends: tuple[socket.socket, socket.socket]):
    client, accepted = ends
    client.send(b"abc")
    assert accepted.recv(3) == b"abc"
    assert heard(accepted) == []


def test_a_byte_that_has_come_before_there_was_an_owner(ends: tuple[socket.socket, socket.socket]):
    client, accepted = ends
    client.send(b"ab!", socket.MSG_OOB)
    assert accepted.recv(2) == b"ab"
    assert heard(accepted) == [True]
    assert urgent.found(accepted) == {"byte": "!"}


def test_a_byte_that_was_announced_before_and_is_to_come(
    ends: tuple[socket.socket, socket.socket],
):
    client, accepted = ends
    client.sendall(bytes(20_000))
    client.send(b"!", socket.MSG_OOB)
    wait_until_announced(accepted)
    assert heard(accepted) == [True]
    assert urgent.found(accepted) == {"byte": None, "errno": "EAGAIN"}


def test_a_byte_that_was_read_is_not_told_again(ends: tuple[socket.socket, socket.socket]):
    client, accepted = ends
    client.send(b"ab!", socket.MSG_OOB)
    assert accepted.recv(2) == b"ab"
    assert urgent.found(accepted) == {"byte": "!"}
    assert heard(accepted) == []
