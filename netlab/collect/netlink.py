"""A netlink socket: requests out, acknowledgments and dumps in."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from typing import Self

from netlab.wire import netlink
from netlab.wire.netlink import Acknowledgment, Message, Request

NETLINK_ROUTE, NETLINK_SOCK_DIAG = 0, 4

_SOL_NETLINK, _NETLINK_EXT_ACK = 270, 11
_ANSWER_SIZE = 256 * 1024

#: Requests sent before their acknowledgments are read: what the socket's buffer surely holds.
_AT_ONCE = 100


class NetlinkSocket:
    """Speaks to the kernel about the network namespace that it was made in."""

    def __init__(self, protocol: int) -> None:
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol
        )
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_EXT_ACK, 1)
        self._sequence = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def change(self, requests: Sequence[Request]) -> list[Acknowledgment]:
        """Carry out all requests in order; one acknowledgment each, in the same order."""
        answers: list[Acknowledgment] = []
        for start in range(0, len(requests), _AT_ONCE):
            some = requests[start : start + _AT_ONCE]
            self._socket.send(netlink.batch(some, self._sequence))
            self._sequence += len(some)
            expected = len(answers) + len(some)
            while len(answers) < expected:
                answers += self._acknowledgments()
        return answers

    def _acknowledgments(self) -> list[Acknowledgment]:
        received = self._socket.recv(_ANSWER_SIZE)
        answers = map(netlink.acknowledgment, netlink.messages(received))
        return [answer for answer in answers if answer is not None]

    def dump(self, request: Request) -> Iterator[Message]:
        """The messages that answer a dump request; OSError when the kernel refuses it."""
        self._socket.send(request.emit(self._sequence))
        self._sequence += 1
        while True:
            for message in netlink.messages(self._socket.recv(_ANSWER_SIZE)):
                if message.is_done:
                    return
                refused = netlink.acknowledgment(message)
                if refused is not None:
                    raise OSError(refused.errno, "the kernel refuses a dump")
                yield message
