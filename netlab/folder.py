"""A run's folder: what is in it, and that nothing else is overwritten."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netlab.backends.features import Feature
from netlab.errors import UsageError

TOPOLOGY = "topology.yaml"
PLAN = "plan.json"
RUN = "run.json"
EVENTS = "events.jsonl"
CAPTURE = "lab.pcapng"
LOG = "lab.log"

#: The reports, made from the files above and made again by `netlab report`.
REPORTS = ("report.html", "report.txt", "report.json", "junit.xml")

FILES = (TOPOLOGY, PLAN, RUN, EVENTS, CAPTURE, LOG, *REPORTS)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a report says of a run besides what was observed; ``started`` is ISO 8601, UTC."""

    netlab: str
    command: str
    backend: str
    seed: int
    source: str
    started: str
    kernel: str
    features: tuple[Feature, ...] = ()


class RunFolder:
    """``path`` holds one run; a second run there replaces the first."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """Make the folder, or empty one that holds an earlier run; UsageError for any other."""
        try:
            path.mkdir(parents=True, exist_ok=True)
            present = {entry.name for entry in path.iterdir()}
        except OSError as error:
            raise UsageError(
                f"cannot use {path} for the run's files: {error.strerror}",
                hint="choose another folder with --out",
            ) from error
        strangers = present - set(FILES)
        if present and (strangers or RUN not in present):
            raise UsageError(
                f"{path} is not empty and holds no earlier run",
                hint="choose another folder with --out",
            )
        for name in present:
            (path / name).unlink()
        if not os.access(path, os.W_OK | os.X_OK):
            raise UsageError(
                f"cannot write to {path}", hint="choose another folder with --out"
            )
        return cls(path)

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
        (self.path / name).write_text(json.dumps(data, indent=1, default=str) + "\n")

    def write_facts(self, facts: RunFacts) -> None:
        self.write_json(RUN, asdict(facts))

    def read_facts(self) -> RunFacts:
        data = json.loads((self.path / RUN).read_text())
        data["features"] = tuple(Feature(**each) for each in data["features"])
        return RunFacts(**data)

    def present(self) -> tuple[str, ...]:
        return tuple(name for name in FILES if (self.path / name).is_file())
