from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from netlab.testing import commands
from netlab.testing.commands import Outcome
from netlab.testing.leftovers import Leftovers

Lab = Callable[[str], Outcome]


@pytest.fixture
def run_lab(tmp_path: Path) -> Lab:
    """Runs the lab of a text, after which nothing of it is left on this machine."""

    def run(text: str) -> Outcome:
        (tmp_path / "temporary").mkdir()
        (tmp_path / "lab").mkdir()
        leftovers = Leftovers(tmp_path / "temporary")
        outcome = commands.run_lab(text, tmp_path / "lab", leftovers.environment)
        left = leftovers.found()
        assert not left, "\n".join(left)
        return outcome

    return run
