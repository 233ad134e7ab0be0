"""LANs of many: more members than a bridge has ports, and kernels that talk as they come up."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlab.testing.labs import RunningLab, in_lab
from netlab.topology import bridging
from netlab.topology.loading import load_text
from netlab.topology.plan import Plan
from netlab.wire import pcapng
from netlab.wire.packet import Packet, decode
from netlab.wire.pcapng import Frame

pytestmark = pytest.mark.lab

MLDV2_REPORT = 143

INTERVAL = "net.ipv6.conf.eth0.mldv2_unsolicited_report_interval"

#: Stays a member until its kernel has reported the group: ICMPv6 after a hop-by-hop header.
JOIN = """
import socket, struct
group = socket.inet_pton(socket.AF_INET6, "ff02::1234")
index = struct.pack("I", socket.if_nametoindex("eth0"))
with (
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as wire,
    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as member,
):
    wire.settimeout(5)
    member.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + index)
    while not (frame := wire.recv(2048))[62:63] == bytes([143]) or group not in frame:
        pass
"""


def lan(members: int) -> Plan:
    return load_text(
        f"name: large\nnodes: {{h1..{members}: }}\nlinks: [{{lan: [h1..{members}]}}]\n", "lan.yaml"
    )


def mld_reports(capture: Path) -> list[tuple[str, bool, Packet]]:
    """(interface, whether it sent it, the report)."""
    with capture.open("rb") as stream:
        frames = [block for block in pcapng.read(stream) if isinstance(block, Frame)]
    seen = [(each.interface.name, bool(each.outbound), decode(each.data)) for each in frames]
    return [one for one in seen if one[2].icmpv6 and one[2].icmpv6.type == MLDV2_REPORT]


def test_a_lan_of_several_bridges_is_one_network(monkeypatch: pytest.MonkeyPatch):
    """With ports for three, its eight members are at four bridges around a fifth."""
    monkeypatch.setattr(bridging, "BRIDGE_PORTS", 4)
    monkeypatch.setattr(bridging, "_MEMBERS", 3)

    async def story(lab: RunningLab) -> None:
        for peer in (2, 4, 8):
            said = await lab.run("h1", "ping", "-c1", "-W5", f"h{peer}")
            assert " 0% packet loss" in said
        assert " 0% packet loss" in await lab.run("h8", "ping", "-6", "-c1", "-W5", "h3")

    in_lab(lan(8), story)


def test_members_do_not_hear_each_other_come_up(tmp_path: Path):
    """Each kernel reports the groups of its own addresses: in a large LAN, millions of frames."""

    async def story(lab: RunningLab) -> None:
        await lab.run("h1", "ping", "-6", "-c1", "-W5", "h32")
        assert (await lab.run("h1", "sysctl", "-n", INTERVAL)).strip() == "1000"
        await lab.backend.flush()

    capture = tmp_path / "lab.pcapng"
    in_lab(lan(32), story, capture)
    reports = mld_reports(capture)
    assert {interface for interface, outbound, _ in reports if outbound} == {
        f"h{number}:eth0" for number in range(1, 33)
    }
    assert [interface for interface, outbound, _ in reports if not outbound] == []


def test_everybody_hears_a_program_join_a_group(tmp_path: Path):
    async def story(lab: RunningLab) -> None:
        await lab.run("h1", "python3", "-c", JOIN)
        await lab.backend.flush()

    capture = tmp_path / "lab.pcapng"
    in_lab(lan(32), story, capture)
    heard = {interface for interface, outbound, _ in mld_reports(capture) if not outbound}
    assert heard == {f"h{number}:eth0" for number in range(2, 33)}
