"""The command line as tests run it: in a process of its own, as a user does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """A lab that `netlab run` has run; ``summary`` is what ``--json`` printed."""

    folder: Path
    exit_code: int
    summary: Mapping[str, Any]
    errors: str

    @property
    def failed(self) -> list[str]:
        """The texts of the expectations that were not met."""
        return [each["text"] for each in self._failed]

    @property
    def _failed(self) -> list[Mapping[str, Any]]:
        return [each for each in self.summary.get("expectations", ()) if not each["passed"]]

    def __str__(self) -> str:
        """What went wrong, for the message of a test."""
        failed = [
            f"{each['text']}\nexpected: {each['expected']}\nseen: {each['seen']}"
            for each in self._failed
        ]
        failures = self.summary.get("failures", ())
        return "\n\n".join([f"exit code {self.exit_code}", *failed, *failures, self.errors])


def run_lab(text: str, folder: Path, environment: Mapping[str, str], *options: str) -> Outcome:
    """Run the topology file ``text``; ``folder`` is empty and gets the file and the run."""
    file, out = folder / "lab.yaml", folder / "out"
    file.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "netlab", "run", str(file), "--json", "--out", str(out), *options],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    summary = json.loads(done.stdout) if done.stdout else {}
    return Outcome(out, done.returncode, summary, done.stderr)
