"""What Wireshark has to say of the frames of a network in memory."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from netlab.testing.network import Seen
from netlab.wire import pcapng

#: Wireshark's severity of what is no more than a remark.
WARNING = 0x00600000
_SUMS = ("ip", "tcp", "udp", "icmp", "icmpv6", "igmp")
#: What is malformed, or has a checksum that is wrong.
MALFORMED = " or ".join(("_ws.malformed", *(f"{name}.checksum.status == 0" for name in _SUMS)))
_FIELDS = ("frame.number", "_ws.col.Info", "_ws.expert.message")


def write(seen: Iterable[Seen], path: Path) -> None:
    """A capture of these frames, with an interface for each place where they left."""
    frames = list(seen)
    places = sorted({each.where for each in frames})
    blocks = [pcapng.section_header(application="netlab")]
    blocks += [pcapng.interface_description(place) for place in places]
    blocks += [
        pcapng.enhanced_packet(places.index(s.where), s.at, s.frame, len(s.frame), outbound=True)
        for s in frames
    ]
    path.write_bytes(b"".join(blocks))


def frames(capture: Path, display_filter: str) -> list[str]:
    """Number, summary and warnings of those that match, with tabs between."""
    checked = [f"-o{name}.check_checksum:TRUE" for name in ("ip", "tcp", "udp")]
    wanted = [word for field in _FIELDS for word in ("-e", field)]
    command = ["tshark", "-n", "-r", str(capture), *checked, "-Y", display_filter, "-T", "fields"]
    done = subprocess.run([*command, *wanted], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()
