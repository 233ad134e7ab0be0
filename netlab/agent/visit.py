"""One client of a service over TCP: what is played with it, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from netlab import clock
from netlab.agent.channel import Message
from netlab.agent.conversation import Accounts, Waits, play
from netlab.agent.errnos import errno_name
from netlab.agent.services import stream_dialogue


class Report(Protocol):
    """Tells a `service` event of what a server does."""

    def __call__(self, status: str, **fields: Any) -> None: ...


class Visit:
    """Begins when the client is accepted; ``request`` asks for the service."""

    def __init__(self, request: Message, report: Report, *, local: str, foreign: str) -> None:
        self.names = {"local": local, "foreign": foreign}
        self._request = request
        self._report = report
        self._accounts = Accounts()
        self._failed: Message = {}
        self._accepted = clock.elapsed()
        report("accepted", **self.names)

    def play(self, receive: Callable[[int], bytes], send: Callable[[memoryview], int]) -> Waits:
        """Serve the client to the end, however its dialogue ends; then it can be closed."""
        request = self._request
        dialogue = stream_dialogue(request)
        try:
            yield from play(dialogue, receive, send, request["think"], self._accounts)
        except OSError as error:  # the client is gone, and so is this dialogue
            self._failed = {"errno": errno_name(error)}
        if request["close_after"]:
            yield request["close_after"]

    def over(self) -> None:
        took = clock.elapsed() - self._accepted
        told = self._accounts.told()
        self._report("served", **self.names, took=took, **told, **self._failed)
