"""Nodes of a real lab, stopped, crashed and started again while it runs."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from netlab.errors import NodeError
from netlab.fabric.configuration import configuration
from netlab.testing import plans
from netlab.testing.labs import RunningLab, children, in_lab
from netlab.topology.plan import Node
from netlab.wire import pcapng

pytestmark = pytest.mark.lab


def node(lab: RunningLab, name: str) -> Node:
    return lab.plan.node(name)


async def change(lab: RunningLab, name: str, what: str, **arguments: Any) -> list[str]:
    wanted = configuration(node(lab, name)).to_json()
    return await lab.backend.change(name, what, interface="eth0", configuration=wanted, **arguments)


def states(pid: int) -> set[str]:
    """Of a process and its children."""
    return {
        Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[0]
        for each in (pid, *children(pid))
    }


async def echoed(lab: RunningLab, conn: str, within: float) -> bool:
    sent = await lab.backend.call(
        "c1",
        "request",
        conn=conn,
        within=within,
        seed=0,
        reply=5,
        times=1,
        think=0.0,
        payload_text=None,
        payload_size=5,
    )
    return bool(sent["ok"])


def test_a_frozen_node_acknowledges_but_does_not_answer():
    async def story(lab: RunningLab) -> None:
        await lab.connect("c1", "10.0.0.1", 7)
        assert await echoed(lab, "first", 5.0)
        agent = lab.pid_of("server")
        await lab.backend.freeze("server")
        assert states(agent) == {"T"}
        assert not await echoed(lab, "first", 0.2)
        await lab.backend.thaw("server")
        assert "T" not in states(agent)
        answer = await lab.ask("c1", "receive", conn="first", size=5, text=None)
        assert answer["ok"], answer

    in_lab(plans.two_hosts(), story)


def test_a_crash_leaves_the_peer_with_a_connection_and_the_links_where_they_are(tmp_path: Path):
    async def story(lab: RunningLab) -> None:
        await lab.connect("c1", "10.0.0.1", 7)
        assert await lab.backend.crash("server", ["eth0"])
        table = (await lab.backend.sockets("c1"))["sockets"]
        assert [each["state"] for each in table] == ["ESTABLISHED"]
        assert (await lab.backend.sockets("server"))["sockets"] == []
        answer = await lab.ask("server", "exec", conn="p", argv=["true"])
        assert answer == {"ok": False, "error": "server has crashed"}
        await lab.backend.restart("server")
        assert await change(lab, "server", "set-link", up=True) == []
        shown = await lab.run("server", "ip", "-brief", "addr", "show", "eth0")
        assert "10.0.0.1/24" in shown
        assert "fd00::1/64" in shown
        assert await lab.run("server", "hostname") == "server\n"
        assert not [each for each in lab.events if each.get("status") == "lost"]

    capture = tmp_path / "lab.pcapng"
    in_lab(plans.two_hosts(), story, capture)
    assert not closing_segments(capture)


def closing_segments(capture: Path) -> list[bytes]:
    """The TCP segments over IPv4 with FIN or RST."""
    with capture.open("rb") as stream:
        frames = [block.data for block in pcapng.read(stream) if isinstance(block, pcapng.Frame)]
    return [
        frame
        for frame in frames
        if frame[12:14] == b"\x08\x00" and frame[23] == 6 and frame[47] & 5
    ]


def test_programs_that_run_when_a_node_crashes_end_with_it():
    async def story(lab: RunningLab) -> dict[str, Any]:
        running = asyncio.create_task(
            lab.backend.call("server", "exec", conn="p", argv=["sleep", "60"], within=60.0)
        )
        while len(children(lab.pid_of("server"))) < 2:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
        agent = lab.pid_of("server")
        await lab.backend.crash("server", ["eth0"])
        assert agent not in children(lab.backend.first_pid)
        return await running

    assert in_lab(plans.two_hosts(), story) == {"ok": False, "error": "server has crashed"}


def test_a_node_that_has_crashed_can_neither_freeze_nor_crash():
    async def story(lab: RunningLab) -> None:
        await lab.backend.crash("server", ["eth0"])
        with pytest.raises(NodeError, match="server: freeze: it is not running"):
            await lab.backend.freeze("server")

    in_lab(plans.two_hosts(), story)


def test_a_node_crashes_and_starts_again_many_times():
    async def story(lab: RunningLab) -> None:
        for _ in range(5):
            await lab.backend.crash("server", ["eth0"])
            await lab.backend.restart("server")
            await change(lab, "server", "set-link", up=True)
        assert await lab.run("server", "cat", "/proc/1/comm")

    in_lab(plans.two_hosts(), story)


def test_an_address_comes_and_goes():
    async def story(lab: RunningLab) -> None:
        assert await change(lab, "server", "add-address", address="10.9.0.1/24", up=True) == []
        assert await change(lab, "server", "add-address", address="fd09::1/64", up=True) == []
        shown = await lab.run("server", "ip", "-brief", "addr", "show", "eth0")
        assert "10.9.0.1/24" in shown
        assert "fd09::1/64" in shown
        for address in ("10.9.0.1/24", "fd09::1/64"):
            assert await change(lab, "server", "remove-address", address=address) == []
        assert "9.0.1" not in await lab.run("server", "ip", "addr")
        (problem,) = await change(lab, "server", "remove-address", address="10.9.0.1/24")
        assert problem.startswith("address 10.9.0.1/24: ")

    in_lab(plans.two_hosts(), story)


def test_below_1280_an_interface_has_no_ipv6_until_its_mtu_grows_again():
    async def story(lab: RunningLab) -> None:
        assert await set_mtu(lab, 1279) == []
        assert socket.AF_INET6 not in await families(lab)
        assert await set_mtu(lab, 1500) == []
        assert "fd00::1/64" in await lab.run("server", "ip", "addr", "show", "eth0")

    async def set_mtu(lab: RunningLab, mtu: int) -> list[str]:
        wanted = configuration(node(lab, "server")).to_json()
        wanted["interfaces"][0]["mtu"] = mtu
        return await lab.backend.change(
            "server", "set-mtu", interface="eth0", configuration=wanted, mtu=mtu, up=True
        )

    async def families(lab: RunningLab) -> set[int]:
        shown = await lab.run("server", "ip", "-brief", "addr", "show", "eth0")
        return {socket.AF_INET6 if ":" in each else socket.AF_INET for each in shown.split()[2:]}

    in_lab(plans.two_hosts(), story)


def test_a_link_comes_up_though_a_route_of_it_cannot_be_reached_any_more():
    async def story(lab: RunningLab) -> None:
        wanted = configuration(node(lab, "c1")).to_json()
        wanted["interfaces"][0]["addresses"] = ["10.99.0.2/24"]
        wanted["routes"] = [
            {"destination": "10.7.0.0/16", "via": "10.0.0.1", "interface": "eth0"},
            {"destination": "10.8.0.0/16", "via": "10.99.0.1", "interface": "eth0"},
        ]
        for address in ("10.0.0.2/24", "fd00::2/64"):
            await change(lab, "c1", "remove-address", address=address)
        for up in (False, True):
            problems = await lab.backend.change(
                "c1", "set-link", interface="eth0", configuration=wanted, up=up
            )
            assert problems == []
        routes = await lab.run("c1", "ip", "route")
        assert "10.8.0.0/16 via 10.99.0.1" in routes
        assert "10.7.0.0/16" not in routes

    in_lab(plans.two_hosts(), story)


def test_a_node_freezes_while_a_process_waits_for_its_vfork_child():
    """The child is stopped before exec, and so the parent waits in the kernel and cannot stop."""
    program = (
        "import os, signal, subprocess, threading\n"
        "while True: subprocess.Popen(['true'], close_fds=False).wait()\n"
    )

    async def story(lab: RunningLab) -> None:
        argv = [sys.executable, "-S", "-c", program]
        assert (await lab.ask("server", "start", conn="p", argv=argv))["ok"]
        for _ in range(30):
            await lab.backend.freeze("server")
            await lab.backend.thaw("server")

    in_lab(plans.two_hosts(), story)
