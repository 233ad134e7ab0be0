"""Every shipped lab shows all its facts, on packets that Wireshark finds nothing wrong with."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from conftest import Outcome, RunLab

from netlab import shipped

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("nothing_left")]

_CHECKED = [
    part
    for protocol in ("ip", "tcp", "udp")
    for part in ("-o", f"{protocol}.check_checksum:TRUE")
]
_BROKEN = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || icmp.checksum.status == 0 || icmpv6.checksum.status == 0"


@pytest.fixture(scope="module", params=shipped.names())
def outcome(request: pytest.FixtureRequest, run_lab: RunLab) -> Outcome:
    return run_lab((shipped.folder() / f"{request.param}.yaml").read_text())


def test_all_its_facts_are_shown(outcome: Outcome):
    assert outcome.exit_code == 0, outcome


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_wireshark_finds_no_broken_packet(outcome: Outcome):
    capture = outcome.folder / "lab.pcapng"

    broken = subprocess.run(
        ["tshark", *_CHECKED, "-r", str(capture), "-Y", _BROKEN],
        capture_output=True,
        text=True,
        check=True,
    )

    assert broken.stdout == ""
