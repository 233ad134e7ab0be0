"""Who runs a host: it knows the time, carries frames, and hands events on."""

from __future__ import annotations

from typing import Protocol

from netlab.stack.host import Host


class Driver(Protocol):
    """Runs on the thread and in the event loop of the programs.

    After every turn it takes the host's events, and gives each to ``Programs.tell``.
    """

    host: Host

    def now(self) -> int:
        """Ns of the clock that the host is run by."""

    def stirred(self) -> None:
        """A program gave a command: soon, take what is to be sent, and the next timeout."""
