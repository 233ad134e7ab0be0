from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing import commands
from netlab.testing.commands import Outcome
from netlab.testing.leftovers import Leftovers


@pytest.fixture(scope="module")
def run_lab(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcome]:
    """Runs the lab of a text, after which nothing of it is left on this machine."""

    def run(text: str) -> Outcome:
        leftovers = Leftovers(tmp_path_factory.mktemp("temporary"))
        outcome = commands.run_lab(text, tmp_path_factory.mktemp("lab"), leftovers.environment)
        left = leftovers.found()
        assert not left, "\n".join(left)
        return outcome

    return run
