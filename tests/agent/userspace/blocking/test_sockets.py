"""What programs written for the socket module expect of its calls."""

from __future__ import annotations

import errno
import select
import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from netlab.testing.blocking import LOSSY, play
from netlab.testing.errnos import fails_with
from netlab.testing.worlds import two_hosts

HERE = (sys.modules[__name__],)


def told(ask: Callable[[], Any], serve: Callable[[], object] | None = None, **how: Any) -> Any:
    return play(ask, serve, also=HERE, **how)


def echo() -> None:
    with socket.create_server(("", 7)) as listener:
        while True:
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(4096):
                    connection.sendall(data)


def mute() -> None:
    """Accepts one, and does nothing."""
    with socket.create_server(("", 7)) as listener:
        connection, _ = listener.accept()
        time.sleep(1000)
        connection.close()


def test_what_is_sent_comes_back_and_both_ends_have_names():
    def ask() -> tuple[bytes, Any, Any]:
        with socket.create_connection(("server", 7), source_address=("", 4000)) as end:
            end.sendall(b"hello")
            return end.recv(100), end.getsockname(), end.getpeername()

    assert told(ask, echo) == (b"hello", ("10.0.0.2", 4000), ("10.0.0.1", 7))


def test_a_timeout_passes_in_no_time():
    two = two_hosts()

    def ask() -> float:
        with socket.create_connection(("server", 7), timeout=500) as end:
            began = time.monotonic()
            with pytest.raises(TimeoutError, match="timed out"):
                end.recv(1)
            return time.monotonic() - began

    assert told(ask, mute, two=two) == pytest.approx(500)


def test_nobody_answers():
    def patiently() -> int:
        with socket.socket() as end:
            return end.connect_ex(("10.0.0.77", 7))

    def in_haste() -> None:
        with socket.socket() as end:
            end.settimeout(0.5)
            end.connect(("10.0.0.77", 7))

    assert told(patiently) == errno.EHOSTUNREACH
    with pytest.raises(TimeoutError, match="timed out"):
        told(in_haste)


def test_nobody_listens():
    def ask() -> None:
        socket.create_connection(("server", 7))

    with pytest.raises(ConnectionRefusedError) as refused:
        told(ask)
    assert refused.value.errno == errno.ECONNREFUSED


def test_who_sends_to_one_that_is_gone_has_a_broken_pipe():
    def hang_up() -> None:
        with socket.create_server(("", 7)) as listener:
            connection, _ = listener.accept()
            connection.close()
            time.sleep(1000)

    def ask() -> list[type[OSError]]:
        end = socket.create_connection(("server", 7))
        time.sleep(1)
        failures = []
        for _ in range(3):
            try:
                end.sendall(b"x")
            except OSError as error:
                failures.append(type(error))
            time.sleep(1)
        return failures

    assert told(ask, hang_up) == [BrokenPipeError, BrokenPipeError]


def test_a_file_keeps_its_socket_open():
    def ask() -> str:
        end = socket.create_connection(("server", 7))
        text, raw = end.makefile("rw", newline="\n"), end.makefile("rb", buffering=0)
        end.close()
        text.write("a line\n")
        text.flush()
        line = text.readline()
        text.close()
        assert end.fileno() >= 0
        raw.close()
        with fails_with(errno.EBADF):
            end.recv(1)
        return line

    assert told(ask, echo) == "a line\n"


def test_a_socket_that_nobody_has_any_more_is_closed():
    received = []

    def serve() -> None:
        with socket.create_server(("", 7)) as listener:
            connection, _ = listener.accept()
            received.append(connection.recv(1))

    def ask() -> None:
        socket.create_connection(("server", 7))
        time.sleep(10)

    told(ask, serve)
    assert received == [b""]


def test_a_detached_socket_goes_on_by_its_descriptor():
    def ask() -> bytes:
        number = socket.create_connection(("server", 7)).detach()
        end = socket.socket(fileno=number)
        end.sendall(b"on")
        return end.recv(2)

    assert told(ask, echo) == b"on"


def test_an_attempt_that_nobody_waits_for_goes_on():
    def ask() -> list[int]:
        end = socket.socket()
        end.setblocking(False)
        seen = [end.connect_ex(("server", 7))]
        select.select([], [end], [])
        seen += [end.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), end.connect_ex(("server", 7))]
        return seen

    assert told(ask, echo) == [errno.EINPROGRESS, 0, errno.EISCONN]


def test_an_attempt_that_nobody_waits_for_fails():
    def ask() -> list[int]:
        end = socket.socket()
        end.setblocking(False)
        seen = [end.connect_ex(("server", 7)), end.connect_ex(("server", 7))]
        select.select([], [end], [])
        return [*seen, end.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)]

    assert told(ask) == [errno.EINPROGRESS, errno.EALREADY, errno.ECONNREFUSED]


def test_who_does_not_block_is_told_that_nothing_is_there():
    def ask() -> None:
        with socket.create_connection(("server", 7)) as end:
            with fails_with(errno.EAGAIN):
                end.recv(1, socket.MSG_DONTWAIT)
            end.setblocking(False)
            with fails_with(errno.EAGAIN):
                end.recv(1)
            sent = 0
            with fails_with(errno.EAGAIN):
                while True:
                    sent += end.send(bytes(10_000))
            assert sent > 0

    told(ask, mute)


def test_a_selector_tells_which_of_several_is_ready():
    def ask() -> tuple[list[object], list[object]]:
        first, second = (socket.create_connection(("server", each)) for each in (7, 8))
        with selectors.DefaultSelector() as selector:
            selector.register(first, selectors.EVENT_READ, "first")
            selector.register(second, selectors.EVENT_READ, "second")
            before = [key.data for key, _ in selector.select(5)]
            second.sendall(b"x")
            return before, [key.data for key, _ in selector.select()]

    def serve() -> None:
        with socket.create_server(("", 7)), socket.create_server(("", 8)) as listener:
            connection, _ = listener.accept()
            connection.sendall(connection.recv(1))
            time.sleep(1000)

    assert told(ask, serve) == ([], ["second"])


def test_one_side_says_its_last_and_the_other_goes_on():
    def serve() -> None:
        with socket.create_server(("", 7)) as listener:
            connection, _ = listener.accept()
            with connection:
                while connection.recv(4096):
                    pass
                connection.sendall(b"x" * 100_000)

    def ask() -> int:
        with socket.create_connection(("server", 7)) as end, end.makefile("rb") as file:
            end.shutdown(socket.SHUT_WR)
            return len(file.read())

    assert told(ask, serve, impairment=LOSSY) == 100_000


def test_urgent_data_is_seen_by_select_and_read_out_of_band():
    def serve() -> None:
        with socket.create_server(("", 7)) as listener:
            connection, _ = listener.accept()
            connection.send(b"!", socket.MSG_OOB)
            time.sleep(1000)

    def ask() -> bytes:
        with socket.create_connection(("server", 7)) as end:
            assert select.select([], [], [end])[2] == [end]
            return end.recv(1, socket.MSG_OOB)

    assert told(ask, serve) == b"!"


def test_datagrams_come_and_go():
    def serve() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.bind(("", 7))
            data, sender = end.recvfrom(100)
            end.sendto(data[::-1], sender)

    def ask() -> tuple[bytes, Any]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.settimeout(5)
            end.sendto(b"abc", ("server", 7))
            return end.recvfrom(100)

    assert told(ask, serve) == (b"cba", ("10.0.0.1", 7))


def test_a_connected_datagram_socket_hears_that_nobody_listens():
    def ask() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.connect(("server", 9))
            end.send(b"x")
            end.recv(1)

    with pytest.raises(ConnectionRefusedError):
        told(ask)


@pytest.mark.parametrize(
    ("level", "option", "chosen", "kept"),
    [
        ("IPPROTO_TCP", "TCP_NODELAY", 1, 1),
        ("IPPROTO_TCP", "TCP_KEEPIDLE", 30, 30),
        ("IPPROTO_TCP", "TCP_USER_TIMEOUT", 1500, 1500),
        ("SOL_SOCKET", "SO_KEEPALIVE", 1, 1),
        ("SOL_SOCKET", "SO_SNDBUF", 10_000, 20_000),
        ("SOL_SOCKET", "SO_RCVBUF", 10_000, 20_000),
        ("SOL_SOCKET", "SO_REUSEADDR", 1, 1),
        ("IPPROTO_IP", "IP_TTL", 5, 5),
    ],
)
def test_options_are_kept_as_linux_keeps_them(level: str, option: str, chosen: int, kept: int):
    def ask() -> object:
        key = getattr(socket, level), getattr(socket, option)
        with socket.socket() as end:
            end.setsockopt(*key, chosen)
            return end.getsockopt(*key)

    assert told(ask) == kept


def test_other_options_and_what_nobody_chose():
    def ask() -> list[Any]:
        linger = struct.pack("ii", 1, 0)
        with socket.socket() as end:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            with pytest.raises(OSError, match="no option") as refused:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 3)
            return [
                end.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == linger,
                end.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16),
                end.getsockopt(socket.IPPROTO_IP, socket.IP_TTL),
                end.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE),
                refused.value.errno,
            ]

    assert told(ask) == [True, b"cubic", 64, socket.SOCK_STREAM, errno.ENOPROTOOPT]


def test_linger_of_nothing_resets():
    failures = []

    def serve() -> None:
        with socket.create_server(("", 7)) as listener:
            connection, _ = listener.accept()
            try:
                connection.recv(1)
            except OSError as error:
                failures.append(error.errno)

    def ask() -> None:
        end = socket.create_connection(("server", 7))
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()
        time.sleep(5)

    told(ask, serve)
    assert failures == [errno.ECONNRESET]


def test_a_socket_of_ipv6_alone_leaves_the_port_to_ipv4():
    def ask() -> list[Any]:
        with (
            socket.create_server(("::", 7), family=socket.AF_INET6) as six,
            socket.create_server(("0.0.0.0", 7)) as four,
        ):
            return [six.getsockname(), four.getsockname()]

    assert told(ask) == [("::", 7, 0, 0), ("0.0.0.0", 7)]


def test_a_socket_of_both_families_shows_ipv4_mapped():
    def serve() -> None:
        with socket.create_server(("::", 7), family=socket.AF_INET6, dualstack_ipv6=True) as end:
            connection, sender = end.accept()
            connection.sendall(sender[0].encode())
            time.sleep(10)

    def ask() -> bytes:
        with socket.create_connection(("server", 7)) as end:
            return end.recv(100)

    assert told(ask, serve) == b"::ffff:10.0.0.2"


def test_calls_that_are_no_socket_of_this_stacks_say_so():
    def ask() -> None:
        with fails_with(errno.EAFNOSUPPORT):
            socket.socket(socket.AF_UNIX)
        with fails_with(errno.EPROTONOSUPPORT):
            socket.socket(socket.AF_INET, socket.SOCK_RAW)
        with pytest.raises(AttributeError, match=r"socket\.socketpair is the kernel's"):
            socket.socketpair()
        with pytest.raises(ValueError, match="Timeout value"):
            socket.socket().settimeout(-1)

    told(ask)


def test_a_port_is_taken_and_another_is_chosen():
    def ask() -> int:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("", 7))
            with fails_with(errno.EADDRINUSE):
                other.bind(("", 7))
            other.bind(("", 0))
            other.listen()
            number: int = other.getsockname()[1]
            return number

    assert told(ask) > 1023
