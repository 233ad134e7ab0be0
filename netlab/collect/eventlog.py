"""The run's events as they come in: kept, written to ``events.jsonl``, and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from netlab import clock
from netlab.collect.events import VERSION, Event, of_message


class EventLog:
    """Events of one run, in the order of their arrival; ``epoch`` is ns since 1970."""

    def __init__(self, path: Path, **run: Any) -> None:
        """``run`` is what the first event says of this run."""
        self.epoch = clock.now()
        self.events: list[Event] = []
        self.failed: OSError | None = None  # why events are not in the file any more
        self._file: IO[str] = path.open("w", encoding="utf-8", buffering=1)
        self._changed = asyncio.Event()
        self.append(Event(0, "run", data={"version": VERSION, **run, "epoch": self.epoch}))

    def tell(self, fields: dict[str, Any]) -> None:
        """Add an event as nodes tell it: ``t`` is ns since 1970, and now when it is missing."""
        at = fields.get("t") or clock.now()
        self.append(of_message({**fields, "t": at}, epoch=self.epoch))

    def append(self, event: Event) -> None:
        self.events.append(event)
        if self.failed is None:
            try:
                self._file.write(event.line() + "\n")
            except OSError as error:  # the run still has its events, and says so when it is over
                self.failed = error
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for(self, wanted: Callable[[Event], bool], within: float) -> Event:
        """The first event, past or to come, that is ``wanted``; TimeoutError after ``within`` s."""
        seen = 0
        async with asyncio.timeout(within):
            while True:
                changed = self._changed
                for event in self.events[seen:]:
                    if wanted(event):
                        return event
                seen = len(self.events)
                await changed.wait()

    def close(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            self.failed = self.failed or error
