"""Every shipped lab shows all its facts, on packets that Wireshark finds nothing wrong with."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import pytest

from netlab import shipped
from netlab.testing.commands import Outcome

pytestmark = pytest.mark.lab

_CHECK_SUMS = [f"-o{protocol}.check_checksum:TRUE" for protocol in ("ip", "tcp", "udp")]
#: What an ICMP error quotes is cut short, and a sum over it proves nothing.
_BROKEN = (
    "_ws.malformed || ip.checksum.status == 0 || icmp.checksum.status == 0"
    " || icmpv6.checksum.status == 0"
    " || ((tcp.checksum.status == 0 || udp.checksum.status == 0) && !icmp && !icmpv6)"
)


@pytest.fixture(scope="module", params=shipped.names())
def outcome(request: pytest.FixtureRequest, run_lab: Callable[[str], Outcome]) -> Outcome:
    return run_lab((shipped.folder() / f"{request.param}.yaml").read_text())


def test_all_its_facts_are_shown(outcome: Outcome) -> None:
    assert outcome.exit_code == 0, str(outcome)


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_wireshark_finds_no_broken_packet(outcome: Outcome) -> None:
    capture = outcome.folder / "lab.pcapng"

    broken = subprocess.run(
        ["tshark", *_CHECK_SUMS, "-r", str(capture), "-Y", _BROKEN],
        capture_output=True,
        text=True,
        check=True,
    )

    assert broken.stdout == ""
