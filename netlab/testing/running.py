"""A `netlab run` in a process of its own, and the processes that it has started."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from netlab.testing.labs import children, pids_within

_PAUSE = 0.005

#: What the command lines of the helpers say.
_HELPERS = {"holder": "backends.netns.holder", "tracer": "collect.tracer"}


class RunningCommand:
    """``out`` is the run's folder; what the command prints is ``said`` when it has ended.

    ``user`` is the id of who runs it; only root may say another than itself.
    """

    def __init__(
        self, file: Path, out: Path, environment: Mapping[str, str], *, user: int | None = None
    ) -> None:
        self.out = out
        self._said = file.with_suffix(".said")
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "netlab", "run", str(file), "--out", str(out)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=environment,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        self.pid = self._process.pid

    @property
    def said(self) -> str:
        return self._said.read_text()

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def find(self, role: str) -> int | None:
        """A pid: `orchestrator`, `holder`, `tracer`, `first`, `collector` or a node's `agent`."""
        if role == "orchestrator":
            return self.pid
        wanted = {"first": self._first, "collector": self._collector, "agent": self._agent}
        try:
            return next(wanted.get(role, lambda: self._helper(role))(), None)
        except OSError:
            return None  # it ended as we looked

    def _helper(self, role: str) -> Iterator[int]:
        for pid in children(self.pid):
            if _HELPERS[role] in Path(f"/proc/{pid}/cmdline").read_text():
                yield pid

    def _first(self) -> Iterator[int]:
        for holder in self._helper("holder"):
            yield from (pid for pid in children(holder) if len(pids_within(pid)) == 2)

    def _collector(self) -> Iterator[int]:
        for first in self._first():
            yield from (pid for pid in children(first) if len(pids_within(pid)) == 2)

    def _agent(self) -> Iterator[int]:
        for first in self._first():
            yield from (pid for pid in children(first) if len(pids_within(pid)) == 3)

    def wait_for_step(self, number: int) -> None:
        """Until the scenario's step has begun."""
        events, sign = self.out / "events.jsonl", f'"step":{number}'
        self.wait_until(lambda: events.exists() and sign in events.read_text())

    def wait_until(self, come: Callable[[], bool], within: float = 30.0) -> None:
        """AssertionError when it has not come in time or cannot come any more."""
        deadline = time.monotonic() + within
        while not come():
            assert not self.ended, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(_PAUSE)

    def wait(self, within: float = 30.0) -> int:
        """Its exit code, or minus the signal that ended it."""
        return self._process.wait(within)

    def end(self) -> None:
        if not self.ended:
            self._process.kill()
        self._process.wait()
