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
#: What an ICMP error quotes is cut short, and a sum over it proves nothing. One segment in 65,536
#: has a sum that Linux writes as 0xffff: right in ones' complement, and Wireshark would have 0.
_BROKEN = (
    "_ws.malformed || ip.checksum.status == 0 || icmp.checksum.status == 0"
    " || icmpv6.checksum.status == 0 || (udp.checksum.status == 0 && !icmp && !icmpv6)"
    " || (tcp.checksum.status == 0 && !tcp.checksum.ffff && !icmp && !icmpv6)"
)

#: Labs that break packets on purpose, and the interfaces where such packets come.
_ON_PURPOSE = {
    "links/impairments": 'frame.interface_name == "server:held"',
    "udp/checksum": 'frame.interface_name == "server:eth0"',
    "tcp/reliability": 'frame.interface_name in {"client:noisy", "server:noisy"}',
}


@pytest.fixture(scope="module", params=shipped.names())
def outcome(request: pytest.FixtureRequest, run_lab: Callable[[str], Outcome]) -> Outcome:
    return run_lab((shipped.folder() / f"{request.param}.yaml").read_text())


def test_all_its_facts_are_shown(outcome: Outcome) -> None:
    assert outcome.exit_code == 0, str(outcome)


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_wireshark_finds_no_broken_packet(outcome: Outcome, request: pytest.FixtureRequest) -> None:
    capture = outcome.folder / "lab.pcapng"
    on_purpose = _ON_PURPOSE.get(request.node.callspec.params["outcome"])
    wrong = f"({_BROKEN}) && !({on_purpose})" if on_purpose else _BROKEN

    broken = subprocess.run(
        ["tshark", *_CHECK_SUMS, "-r", str(capture), "-Y", wrong],
        capture_output=True,
        text=True,
        check=True,
    )

    assert broken.stdout == ""
