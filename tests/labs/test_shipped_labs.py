"""Every shipped lab shows all its facts, on packets that Wireshark finds nothing wrong with."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from netlab import shipped
from netlab.testing import wireshark
from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module", params=shipped.names())
def outcome(request: pytest.FixtureRequest, run_lab: Callable[[str], Outcome]) -> Outcome:
    return run_lab((shipped.folder() / f"{request.param}.yaml").read_text())


def test_all_its_facts_are_shown(outcome: Outcome) -> None:
    assert outcome.exit_code == 0, str(outcome)


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_wireshark_finds_no_broken_packet(outcome: Outcome, request: pytest.FixtureRequest) -> None:
    lab = request.node.callspec.params["outcome"]

    assert wireshark.broken(outcome.folder, lab) == ""
