from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from netlab.testing import commands, ways
from netlab.testing.commands import Outcome
from netlab.testing.leftovers import Leftovers
from netlab.testing.premises import Broken
from netlab.topology.loading import load_text


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Labs whose file asks for containers need an engine. (All tests come by here.)"""
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        if _lab(parameters) in ways.IN_CONTAINERS:
            item.add_marker(pytest.mark.docker)


def _lab(parameters: Mapping[str, object]) -> str:
    """The shipped lab that a test runs, whole or broken; nothing when it runs none."""
    if isinstance(broken := parameters.get("broken"), Broken):
        return broken.lab
    return str(parameters.get("outcome", ""))


@pytest.fixture(scope="module")
def run_lab(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Outcome]:
    """Runs the lab of a text with options of `netlab run`; nothing of it is left afterwards."""

    def run(text: str, *options: str) -> Outcome:
        if load_text(text, "lab.yaml").backend == "docker":
            request.getfixturevalue("engine")  # without one, the test is skipped
        leftovers = Leftovers(tmp_path_factory.mktemp("temporary"))
        folder = tmp_path_factory.mktemp("lab")
        outcome = commands.run_lab(text, folder, leftovers.environment, *options)
        left = leftovers.found()
        assert not left, "\n".join(left)
        return outcome

    return run
