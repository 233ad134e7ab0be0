"""A netlink socket, so that the tests of the formats can ask the kernel itself."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator

import pytest

from netlab.wire import netlink
from netlab.wire.netlink import Message, Request

NETLINK_ROUTE = 0
NETLINK_SOCK_DIAG = 4

Ask = Callable[[Request], list[Message]]


def _asker(protocol: int) -> Iterator[Ask]:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as kernel:
        kernel.settimeout(5)

        def ask(request: Request) -> list[Message]:
            kernel.send(netlink.batch([request], 9))
            answers: list[Message] = []
            while not answers or not (answers[-1].is_done or netlink.acknowledgment(answers[-1])):
                answers.extend(netlink.messages(kernel.recv(1 << 18)))
            return answers

        yield ask


@pytest.fixture
def ask_route() -> Iterator[Ask]:
    if sys.platform != "linux":
        pytest.skip("netlink is Linux's")
    yield from _asker(NETLINK_ROUTE)


@pytest.fixture
def ask_sock_diag() -> Iterator[Ask]:
    if sys.platform != "linux":
        pytest.skip("netlink is Linux's")
    yield from _asker(NETLINK_SOCK_DIAG)
