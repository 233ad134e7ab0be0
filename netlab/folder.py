"""A run's folder: what is in it, and that nothing else is overwritten."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netlab.backends.features import Feature
from netlab.errors import EnvironmentLacks, UsageError
from netlab.topology.stacks import Stack

try:
    import fcntl
except ImportError:  # not every system locks folders: there, nobody else may use one at a time
    fcntl = None  # type: ignore[assignment]  # a module's name, asked for None below

TOPOLOGY = "topology.yaml"
PLAN = "plan.json"
RUN = "run.json"
EVENTS = "events.jsonl"
CAPTURE = "lab.pcapng"
LOG = "lab.log"
LOGS = "logs"

#: The reports, made from the files above and made again by `netlab report`.
REPORTS = ("report.html", "report.txt", "report.json", "junit.xml")

_ELSEWHERE = "choose another folder with --out"

FILES = (TOPOLOGY, PLAN, RUN, EVENTS, CAPTURE, LOG, *REPORTS)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a report says of a run besides what was observed; ``started`` is ISO 8601, UTC.

    ``stack`` is what all nodes were put on, None where the file chose. ``scenario`` is False for a
    lab that was only brought up: then nothing was to be expected.
    """

    netlab: str
    command: str
    backend: str
    seed: int
    source: str
    started: str
    kernel: str
    stack: Stack | None = None
    scenario: bool = True
    features: tuple[Feature, ...] = ()


class FolderInUse(UsageError):
    """Another run is writing to the folder at this moment."""


class RunFolder:
    """``path`` holds one run; a second run there replaces the first."""

    def __init__(self, path: Path, lock: int | None = None) -> None:
        self.path = path
        self._lock = lock  # held until this process ends

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """Make the folder, or empty one that holds an earlier run.

        UsageError for a folder that holds anything else or cannot be written, FolderInUse while
        another run has it.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock = _lock(path)
        except BlockingIOError as error:
            raise FolderInUse(f"{path} is in use by another run", hint=_ELSEWHERE) from error
        except OSError as error:
            raise UsageError(
                f"cannot use {path} for the run's files: {error.strerror}", hint=_ELSEWHERE
            ) from error
        try:
            _empty(path)
        except OSError as error:
            if lock is not None:
                os.close(lock)
            raise UsageError(
                f"cannot write to {path}: {error.strerror}", hint=_ELSEWHERE
            ) from error
        return cls(path, lock)

    @classmethod
    def existing(cls, path: Path) -> RunFolder:
        """UsageError when ``path`` holds no run."""
        missing = [n for n in (TOPOLOGY, RUN, EVENTS) if not (path / n).is_file()]
        if missing:
            raise UsageError(
                f"{path} holds no run: {missing[0]} is missing",
                hint="a run's folder is what `netlab run FILE --out DIR` leaves",
            )
        return cls(path)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def write_json(self, name: str, data: Any) -> None:
        """EnvironmentLacks when the file cannot be written, as on a full disk."""
        self.write_bytes(name, f"{json.dumps(data, indent=1, default=str)}\n".encode())

    def write_bytes(self, name: str, data: bytes) -> None:
        try:
            (self.path / name).write_bytes(data)
        except OSError as error:
            raise cannot_write(self.path / name, error) from error

    def write_facts(self, facts: RunFacts) -> None:
        self.write_json(RUN, asdict(facts))

    def read_facts(self) -> RunFacts:
        data = json.loads((self.path / RUN).read_text())
        data["stack"] = data["stack"] and Stack(data["stack"])
        data["features"] = tuple(Feature(**each) for each in data["features"])
        return RunFacts(**data)

    def present(self) -> tuple[str, ...]:
        logs = sorted(f"{LOGS}/{each.name}" for each in (self.path / LOGS).glob("*.log"))
        return (*(name for name in FILES if (self.path / name).is_file()), *logs)


def _remove(entry: Path) -> None:
    if entry.name == LOGS:
        shutil.rmtree(entry)
    else:
        entry.unlink()


def _lock(path: Path) -> int | None:
    """A descriptor that locks a folder while it is open; BlockingIOError if it is locked."""
    if fcntl is None:
        return None
    lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def cannot_write(path: Path, error: OSError) -> EnvironmentLacks:
    return EnvironmentLacks(
        f"cannot be written: {error.strerror}",
        where=str(path),
        hint="free some space, or choose another folder with --out",
    )


def _empty(path: Path) -> None:
    """Remove an earlier run; UsageError when there is anything else."""
    present = {entry.name for entry in path.iterdir()}
    if not all(map(_is_of_a_run, present)) or (present and RUN not in present):
        raise UsageError(f"{path} is not empty and holds no earlier run", hint=_ELSEWHERE)
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "permission denied")
    for name in sorted(present, key=lambda each: each == RUN):  # the mark of a run's folder last
        _remove(path / name)


def _is_of_a_run(name: str) -> bool:
    """A file of a run, or what a run that was killed had not yet put in the place of one."""
    return name in {LOGS, *FILES} or any(name.startswith(f".{each}.") for each in FILES)
