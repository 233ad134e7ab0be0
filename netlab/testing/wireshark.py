"""What Wireshark finds wrong with the packets of a shipped lab's run."""

from __future__ import annotations

import subprocess
from pathlib import Path

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


def broken(run: Path, lab: str) -> str:
    """A line for each broken packet in the run of this folder that ``lab`` did not mean to have."""
    on_purpose = _ON_PURPOSE.get(lab)
    wrong = f"({_BROKEN}) && !({on_purpose})" if on_purpose else _BROKEN
    done = subprocess.run(
        ["tshark", *_CHECK_SUMS, "-r", str(run / "lab.pcapng"), "-Y", wrong],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
