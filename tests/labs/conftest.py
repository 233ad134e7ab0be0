from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from netlab.testing import commands
from netlab.testing.commands import Outcome
from netlab.testing.leftovers import Leftovers


@pytest.fixture(scope="module")
def leftovers(tmp_path_factory: pytest.TempPathFactory) -> Leftovers:
    return Leftovers(tmp_path_factory.mktemp("temporary"))


@pytest.fixture
def nothing_left(leftovers: Leftovers) -> Iterator[None]:
    yield
    left = leftovers.found()
    assert not left, "\n".join(left)


@pytest.fixture(scope="module")
def run_lab(
    leftovers: Leftovers, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Outcome]:
    """Runs the lab of a text."""

    def run(text: str) -> Outcome:
        return commands.run_lab(text, tmp_path_factory.mktemp("lab"), leftovers.environment)

    return run
