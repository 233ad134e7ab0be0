"""Real labs: what the kernel made of a Plan, read back by programs inside the nodes."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from netlab.testing import plans
from netlab.testing.labs import RunningLab, in_lab
from netlab.topology.plan import HostsEntry, Interface, Node, Offload, Plan, Route, Service
from netlab.wire import pcapng
from netlab.wire.packet import decode
from netlab.wire.pcapng import Frame

pytestmark = pytest.mark.lab

#: ETHTOOL_GRXCSUM, GTXCSUM, GSG, GTSO, GGSO, GGRO (linux/ethtool.h) by SIOCETHTOOL.
OFFLOADS = """
import array, fcntl, socket, struct
found = {}
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    for name, command in zip(
        ("rx", "tx", "sg", "tso", "gso", "gro"), (0x14, 0x16, 0x18, 0x1E, 0x23, 0x2B)
    ):
        value = array.array("I", [command, 0])
        fcntl.ioctl(probe, 0x8946, struct.pack("16sP", b"eth0", value.buffer_info()[0]))
        found[name] = value[1]
print(*(name for name, on in found.items() if on))
"""


def with_interface(plan: Plan, name: str, **changes: Any) -> Plan:
    """The plan with the first interface of one node changed."""
    nodes = tuple(
        replace(node, interfaces=(replace(node.interfaces[0], **changes), *node.interfaces[1:]))
        if node.name == name
        else node
        for node in plan.nodes
    )
    return replace(plan, nodes=nodes)


def with_routes() -> Plan:
    """Client, router and server, with the routes that a file would have given them."""
    plan = plans.routed(mtu=1400)
    ways = {"c1": ("10.0.0.254", "fd00::fe"), "server": ("10.0.1.254", "fd00:1::fe")}
    nodes = tuple(
        replace(node, routes=routes_by(*ways[node.name])) if node.name in ways else node
        for node in plan.nodes
    )
    return replace(plan, nodes=nodes)


def routes_by(ipv4: str, ipv6: str) -> tuple[Route, ...]:
    return (
        Route(ip_network("0.0.0.0/0"), ipv4, "eth0"),
        Route(ip_network("::/0"), ipv6, "eth0"),
    )


async def read_link(lab: RunningLab, node: str, interface: str = "eth0") -> dict[str, Any]:
    [link] = json.loads(await lab.run(node, "ip", "-j", "address", "show", "dev", interface))
    read: dict[str, Any] = link
    return read


def addresses(link: dict[str, Any]) -> set[str]:
    """But those that the kernel made itself."""
    return {
        f"{each['local']}/{each['prefixlen']}"
        for each in link["addr_info"]
        if each["scope"] == "global"
    }


async def captured(lab: RunningLab) -> list[Frame]:
    await lab.backend.flush()
    assert lab.capture
    with lab.capture.open("rb") as stream:
        return [block for block in pcapng.read(stream) if isinstance(block, Frame)]


def test_interfaces_are_as_planned():
    plan = with_interface(plans.two_hosts(), "server", mtu=1280)

    async def story(lab: RunningLab) -> None:
        for node in plan.nodes:
            [interface] = node.interfaces
            link = await read_link(lab, node.name)
            assert link["mtu"] == interface.mtu
            assert link["address"] == interface.mac
            assert link["operstate"] == "UP"
            assert addresses(link) == set(map(str, interface.addresses))
            assert not any("tentative" in each for each in link["addr_info"])

    in_lab(plan, story)


@pytest.mark.parametrize("mtu", [68, 9000, 65_535])
def test_unusual_mtus(mtu: int):
    def changed(interface: Interface) -> Interface:
        usable = [each for each in interface.addresses if each.version == 4 or mtu >= 1280]
        return replace(interface, mtu=mtu, addresses=tuple(usable))

    def changed_node(node: Node) -> Node:
        return replace(node, interfaces=tuple(map(changed, node.interfaces)))

    plan = plans.two_hosts()
    plan = replace(plan, nodes=tuple(map(changed_node, plan.nodes)))

    async def story(lab: RunningLab) -> None:
        assert (await read_link(lab, "c1"))["mtu"] == mtu
        await lab.run("c1", "ping", "-c1", "-W2", "10.0.0.1")

    in_lab(plan, story)


@pytest.mark.parametrize("offload", list(Offload))
def test_offloads_are_as_planned(offload: Offload):
    plan = with_interface(plans.two_hosts(), "c1", offload=offload)

    async def story(lab: RunningLab) -> set[str]:
        return set((await lab.run("c1", sys.executable, "-S", "-c", OFFLOADS)).split())

    on = in_lab(plan, story)
    assert not on if offload is Offload.WIRE else {"tx", "sg", "tso", "gso"} <= on


def test_no_captured_frame_is_longer_than_the_link_allows(tmp_path: Path):
    plan = plans.two_hosts(services=(Service("discard", "tcp", 9),))

    async def story(lab: RunningLab) -> list[Frame]:
        await lab.connect("c1", "10.0.0.1", 9)
        fields = {"conn": "first", "payload_text": None, "payload_size": 300_000}
        assert (await lab.ask("c1", "send", **fields))["ok"]
        await lab.ask("c1", "shutdown", conn="first")
        await lab.ask("c1", "receive", conn="first", size=None, text=None)
        return await captured(lab)

    frames = in_lab(plan, story, tmp_path / "lab.pcapng")
    assert max(frame.length for frame in frames) == 1500 + 14
    assert not [problem for frame in frames for problem in decode(frame.data).problems]
    at_server = [frame for frame in frames if frame.interface.name == "server:eth0"]
    received = sum(len(decode(frame.data).payload) for frame in at_server if not frame.outbound)
    assert received >= 300_000


def test_the_first_ipv6_packet_is_answered_at_once():
    async def story(lab: RunningLab) -> str:
        return await lab.run("c1", "ping", "-6", "-c1", "-W0.5", "fd00::1")

    assert "1 received" in in_lab(plans.two_hosts(), story)


def test_a_router_forwards_both_families():
    async def story(lab: RunningLab) -> None:
        for address in ("10.0.1.1", "fd00:1::1"):
            assert "1 received" in await lab.run("c1", "ping", "-c1", "-W2", address)

    in_lab(with_routes(), story)


def test_members_of_a_lan_reach_each_other():
    async def story(lab: RunningLab) -> None:
        for address in ("10.0.0.1", "10.0.0.3", "fd00::3"):
            assert "1 received" in await lab.run("c1", "ping", "-c1", "-W2", address)

    in_lab(plans.lan(), story)


def test_captures_miss_no_packet_from_the_first_to_the_last(tmp_path: Path):
    """The kernel's own counters, which begin with the interface, must agree at every moment."""

    async def count(lab: RunningLab, node: str) -> int:
        [link] = json.loads(await lab.run(node, "ip", "-j", "-s", "link", "show", "dev", "eth0"))
        return sum(link["stats64"][way]["packets"] for way in ("rx", "tx"))

    async def story(lab: RunningLab) -> None:
        for _ in range(5):
            await lab.run("c1", "ping", "-c1", "-W2", "10.0.0.1")
            frames = await captured(lab)
            for node in ("c1", "server"):
                seen = [frame for frame in frames if frame.interface.name == f"{node}:eth0"]
                before, after = len(seen), await count(lab, node)
                again = [f for f in await captured(lab) if f.interface.name == f"{node}:eth0"]
                # The kernel may speak by itself, as in neighbour discovery, between two looks.
                assert before <= after <= len(again) or before == after
                assert any(decode(frame.data).arp for frame in seen)
            counts = await lab.backend.flush()
            assert {each.drops for each in counts} == {0}

    in_lab(plans.two_hosts(), story, tmp_path / "lab.pcapng")


def test_a_link_that_comes_back_has_its_addresses_and_routes_again():
    async def state(lab: RunningLab) -> tuple[set[str], set[str]]:
        routes = []
        for family in ("-4", "-6"):
            routes += json.loads(await lab.run("c1", "ip", "-j", family, "route"))
        named = {f"{each['dst']} {each.get('gateway')}" for each in routes if each.get("gateway")}
        return addresses(await read_link(lab, "c1")), named

    async def story(lab: RunningLab) -> None:
        before = await state(lab)
        assert len(before[0]) == len(before[1]) == 2
        await lab.switch(up=False)
        down = await lab.ask("c1", "exec", conn="p", argv=["ping", "-c1", "-W1", "10.0.1.1"])
        assert down["exit_code"] != 0
        await lab.switch(up=True)
        assert await state(lab) == before
        for address in ("10.0.1.1", "fd00:1::1"):
            await lab.run("c1", "ping", "-c1", "-W2", address)

    in_lab(with_routes(), story)


def test_names_resolve_inside_and_the_hosts_files_stay_as_they_are():
    hosts = (HostsEntry("10.0.0.1", ("server", "server.path1")), HostsEntry("fd00::1", ("server",)))
    files = [Path("/etc/hosts"), Path("/etc/resolv.conf")]
    before = [path.read_bytes() for path in files]

    async def story(lab: RunningLab) -> None:
        assert "10.0.0.1\tserver server.path1" in await lab.run("c1", "cat", "/etc/hosts")
        assert (await lab.run("c1", "getent", "ahostsv4", "server.path1")).startswith("10.0.0.1 ")
        assert "nameserver" not in await lab.run("c1", "cat", "/etc/resolv.conf")
        assert (await lab.run("c1", "hostname")).strip() == "c1"
        assert [path.read_bytes() for path in files] == before

    in_lab(replace(plans.two_hosts(), hosts=hosts), story)
    assert [path.read_bytes() for path in files] == before


def test_a_socket_table_names_the_owners():
    async def story(lab: RunningLab) -> None:
        await lab.connect("c1", "10.0.0.1", 7)
        fields = {"conn": "first", "payload_text": "x", "payload_size": 1, "reply": 1, "times": 1}
        assert (await lab.ask("c1", "request", think=0.0, **fields))["ok"]
        rows = (await lab.backend.sockets("server"))["sockets"]
        by_state = {row["state"]: row for row in rows}
        assert by_state.keys() == {"LISTEN", "ESTABLISHED"}
        listening, connected = by_state["LISTEN"], by_state["ESTABLISHED"]
        assert (listening["local"], listening["foreign"]) == ("*:7", "*:*")
        assert connected["local"] == "10.0.0.1:7"
        assert connected["foreign"].startswith("10.0.0.2:")
        assert listening["program"] == connected["program"]
        assert "python" in listening["program"]
        assert listening["pid"] < connected["pid"]  # the child that serves it

    in_lab(plans.two_hosts(), story)


def test_a_hosts_file_longer_than_a_control_message():
    many = tuple(HostsEntry("10.9.9.9", (f"name-{number:06}.example",)) for number in range(8000))

    async def story(lab: RunningLab) -> None:
        answer = await lab.run("c1", "grep", "-c", "example", "/etc/hosts")
        assert answer.strip() == "8000"

    in_lab(replace(plans.two_hosts(), hosts=many), story)


def test_a_node_with_more_routes_than_fit_a_control_message():
    plan = plans.two_hosts()
    via = str(plan.node("server").interfaces[0].addresses[0].ip)
    routes = tuple(
        Route(ip_network(f"172.{16 + number // 250}.{number % 250}.0/24"), via, "eth0")
        for number in range(2500)
    )

    async def story(lab: RunningLab) -> None:
        counted = await lab.run("c1", "sh", "-c", "ip route show proto static | wc -l")
        assert counted.strip() == "2500"

    in_lab(
        replace(plan, nodes=(replace(plan.node("c1"), routes=routes), plan.node("server"))), story
    )
