"""Plays a dialogue on a connection without deciding how to wait: every server model decides that.

A conversation is a generator of what it waits for: the connection to be readable or writable, or
some seconds to pass. A blocking server sleeps for the seconds and lets its calls wait; one that
serves many clients at once goes on with whoever need not wait.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from netlab.agent.services import Dialogue, Pause, Receive, Send, Think


class Until(Enum):
    READABLE = "readable"
    WRITABLE = "writable"


Wait = Until | float
Waits = Generator[Wait, None, None]


@dataclass(slots=True)
class Account:
    """What went one way over a socket so far."""

    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, data: bytes | memoryview) -> None:
        self.size += len(data)
        self.digest.update(data)


@dataclass(slots=True)
class Accounts:
    """What a conversation, or a client's socket, has sent and received."""

    sent: Account = field(default_factory=Account)
    received: Account = field(default_factory=Account)

    def told(self) -> dict[str, Any]:
        """As events carry it."""
        return {
            "sent": self.sent.size,
            "sent_sha256": self.sent.digest.hexdigest(),
            "received": self.received.size,
            "received_sha256": self.received.digest.hexdigest(),
        }


def play(
    dialogue: Dialogue,
    receive: Callable[[int], bytes],
    send: Callable[[memoryview], int],
    think: float,
    accounts: Accounts,
) -> Waits:
    """Play ``dialogue`` to its end; OSError when the client is gone.

    ``receive`` and ``send`` do what they can at once, or raise BlockingIOError.
    """
    command = next(dialogue, None)
    while command is not None:
        answer = b""
        match command:
            case Receive(size):
                answer = yield from _receive(receive, size)
                accounts.received.add(answer)
            case Send(data):
                yield from _send(send, data)
                accounts.sent.add(data)
            case Think():
                yield think
            case Pause(seconds):
                yield seconds
        try:
            command = dialogue.send(answer)
        except StopIteration:
            return


def _receive(receive: Callable[[int], bytes], size: int) -> Generator[Wait, None, bytes]:
    while True:
        yield Until.READABLE
        try:
            return receive(size)
        except BlockingIOError:  # readable a moment ago; a bad checksum may have undone that
            continue


def _send(send: Callable[[memoryview], int], data: bytes) -> Waits:
    rest = memoryview(data)
    while rest:
        yield Until.WRITABLE
        try:
            rest = rest[send(rest) :]
        except BlockingIOError:
            continue
