from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from netlab.testing.leftovers import Leftovers

RunLab = Callable[[str], "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """A lab that `netlab run` has run; ``summary`` is what ``--json`` printed."""

    folder: Path
    exit_code: int
    summary: dict[str, Any]
    errors: str

    @property
    def failed(self) -> list[str]:
        """The facts that were not shown."""
        return [each["text"] for each in self.summary["expectations"] if not each["passed"]]

    def __str__(self) -> str:
        """What went wrong, for a failing test."""
        missed = [
            f"{each['text']}\nexpected: {each['expected']}\nseen: {each['seen']}"
            for each in self.summary.get("expectations", ())
            if not each["passed"]
        ]
        parts = [f"exit code {self.exit_code}", *missed, *self.summary.get("failures", ())]
        return "\n\n".join([*parts, self.errors])


@pytest.fixture(scope="module")
def leftovers(tmp_path_factory: pytest.TempPathFactory) -> Leftovers:
    return Leftovers(tmp_path_factory.mktemp("temporary"))


@pytest.fixture
def nothing_left(leftovers: Leftovers) -> Iterator[None]:
    yield
    left = leftovers.found()
    assert not left, "\n".join(left)


@pytest.fixture(scope="module")
def run_lab(leftovers: Leftovers, tmp_path_factory: pytest.TempPathFactory) -> RunLab:
    """Runs the topology file of a text through the command line."""

    def run(text: str) -> Outcome:
        folder = tmp_path_factory.mktemp("lab")
        file, out = folder / "lab.yaml", folder / "out"
        file.write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "netlab", "run", str(file), "--json", "--out", str(out)],
            capture_output=True,
            text=True,
            check=False,
            env=leftovers.environment,
        )
        summary = json.loads(done.stdout) if done.stdout else {}
        return Outcome(out, done.returncode, summary, done.stderr)

    return run
