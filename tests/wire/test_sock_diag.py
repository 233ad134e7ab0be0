from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import sock_diag
from netlab.wire.address import from_text
from netlab.wire.errors import ParseError
from netlab.wire.netlink import Message, Request, acknowledgment
from netlab.wire.sock_diag import (
    SocketInfo,
    Transport,
    destroy_socket,
    dump_sockets,
    parse_socket,
)

Ask = Callable[[Request], list[Message]]


@pytest.fixture
def sockets(ask_sock_diag: Ask) -> Callable[[Transport], list[SocketInfo]]:
    def table(transport: Transport) -> list[SocketInfo]:
        found: list[SocketInfo] = []
        for version in (4, 6):
            answers = ask_sock_diag(dump_sockets(transport, version=version, info=True))
            refusal = acknowledgment(answers[-1])
            if refusal is not None and refusal.errno:
                pytest.skip(f"sock_diag answers {os.strerror(refusal.errno)}")
            found.extend(filter(None, (parse_socket(a, transport) for a in answers)))
        return found

    return table


def of(port: int, table: list[SocketInfo]) -> list[SocketInfo]:
    return [s for s in table if s.local_port == port]


def between(port: int, peer: int, table: list[SocketInfo]) -> list[SocketInfo]:
    """Other programs' connections may have the same local port, but not to the same peer."""
    return [s for s in of(port, table) if s.foreign_port == peer]


def test_a_listener_and_its_connection(sockets: Callable[[Transport], list[SocketInfo]]) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=3) as server:
        port = server.getsockname()[1]
        (listener,) = between(port, 0, sockets("tcp"))
        assert (listener.state, listener.local_address) == ("LISTEN", from_text("127.0.0.1"))
        assert (listener.foreign_address, listener.foreign_port) == (bytes(4), 0)
        assert listener.inode == os.fstat(server.fileno()).st_ino
        assert listener.uid == os.getuid()
        assert listener.send_queue == 3
        with socket.create_connection(("127.0.0.1", port)) as client, server.accept()[0]:
            own = client.getsockname()[1]
            (opened,) = between(own, port, sockets("tcp"))
            assert (opened.state, opened.foreign_port) == ("ESTABLISHED", port)
            assert opened.tcp_info
            assert opened.tcp_info[0] == 1
            client.shutdown(socket.SHUT_WR)
            (half_closed,) = between(own, port, sockets("tcp"))
            assert half_closed.state in {"FIN_WAIT_1", "FIN_WAIT_2"}
        assert {s.state for s in between(own, port, sockets("tcp"))} <= {
            "FIN_WAIT_2",
            "TIME_WAIT",
            "CLOSING",
        }


def test_ipv4_over_an_ipv6_socket_is_shown_as_ipv4(
    sockets: Callable[[Transport], list[SocketInfo]],
) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("there is no IPv6 here")
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            found = of(port, sockets("tcp"))
    assert {(s.state, s.local_address) for s in found} == {
        ("LISTEN", bytes(16)),
        ("ESTABLISHED", from_text("127.0.0.1")),
    }


def test_udp_sockets(sockets: Callable[[Transport], list[SocketInfo]]) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        one.bind(("127.0.0.1", 0))
        other.connect(one.getsockname())
        table = sockets("udp")
        (unconnected,) = of(one.getsockname()[1], table)
        (connected,) = of(other.getsockname()[1], table)
    assert unconnected.state == "UNCONNECTED"
    assert connected.state == "ESTABLISHED"
    assert connected.foreign_port == unconnected.local_port


def test_a_socket_is_destroyed_by_the_identity_that_the_kernel_gave_it() -> None:
    identity = bytes(range(1, 49))
    found = Message(
        sock_diag.SOCK_DIAG_BY_FAMILY, 0, 1, bytes([10, 1, 0, 0]) + identity + bytes(20)
    )

    request = destroy_socket(found, "tcp")

    assert request is not None
    assert request.type == sock_diag.SOCK_DESTROY
    assert request.body[:2] == bytes([10, socket.IPPROTO_TCP])
    assert request.body[8:] == identity
    assert destroy_socket(Message(3, 0, 1, bytes(72)), "tcp") is None


def test_other_messages_are_no_sockets() -> None:
    assert parse_socket(Message(3, 0, 1, bytes(100)), "tcp") is None


@given(st.binary(max_size=120))
def test_noise_raises_nothing_but_parse_errors(noise: bytes) -> None:
    with suppress(ParseError):
        info = parse_socket(Message(sock_diag.SOCK_DIAG_BY_FAMILY, 0, 1, noise), "tcp")
        assert isinstance(info, SocketInfo)
