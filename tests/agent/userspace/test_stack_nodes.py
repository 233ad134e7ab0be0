"""Nodes of a real lab that have left the kernel's stack, and speak with those that have not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from netlab.testing import plans
from netlab.testing.labs import RunningLab, in_lab
from netlab.topology.plan import Plan
from netlab.topology.stacks import Stack
from netlab.wire import pcapng
from netlab.wire.packet import decode
from netlab.wire.tcp import Flags

pytestmark = pytest.mark.lab


def with_own_stack(name: str, **fields: Any) -> Plan:
    """Two hosts, of which ``name`` is on our stack."""
    plan = plans.two_hosts()
    nodes = (
        replace(node, stack=Stack.USER, **fields) if node.name == name else node
        for node in plan.nodes
    )
    return replace(plan, nodes=tuple(nodes))


ONE_PING = {"count": 1, "interval": 0.0, "timeout": 0.1, "size": 32, "ttl": None, "df": None}


async def ping(lab: RunningLab, name: str, address: str) -> dict[str, Any]:
    """What the event says of it."""
    wanted = ONE_PING | {"count": 2, "timeout": 10.0}
    answer = await lab.ask(name, "ping", conn=f"ping {address}", address=address, **wanted)
    assert answer["ok"], answer
    return next(e for e in lab.events if e.get("conn") == f"ping {address}")


async def until_told(lab: RunningLab, node: str, *wanted: dict[str, Any]) -> None:
    """Until a node has told of events with these fields, in this order."""

    def told() -> bool:
        events = iter([event for event in lab.events if event.get("node") == node])
        return all(any(fields.items() <= e.items() for e in events) for fields in wanted)

    async with asyncio.timeout(20):
        while not told():  # noqa: ASYNC110 - the backend hands events to a list
            await asyncio.sleep(0.01)


def moves(lab: RunningLab, node: str) -> list[str]:
    """Its states, as the stack itself tells of them."""
    return [
        f"{event['old']} {event['new']}"
        for event in lab.events
        if event["kind"] == "state" and event["node"] == node and event["source"] == "stack"
    ]


def test_a_client_on_our_stack_and_a_server_on_the_kernels(tmp_path: Path):
    async def story(lab: RunningLab) -> None:
        for address in ("10.0.0.1", "fd00::1"):
            assert (await ping(lab, "c1", address))["replies"] == 2
        await lab.connect("c1", "10.0.0.1", 7)
        payload = {"payload_text": "hello", "payload_size": 5}
        assert (await lab.ask("c1", "send", conn="first", **payload))["ok"]
        assert (await lab.ask("c1", "receive", conn="first", size=5, text="hello"))["ok"]
        assert (await lab.ask("c1", "close", conn="first"))["ok"]
        await until_told(
            lab,
            "c1",
            {"kind": "op", "op": "connect", "status": "ok", "foreign": "10.0.0.1:7"},
            {"kind": "op", "op": "receive", "text": "hello", "sent": 5, "received": 5},
            {"kind": "state", "old": "FIN_WAIT_2", "new": "TIME_WAIT", "cause": "FIN"},
        )
        assert moves(lab, "c1") == [
            "CLOSED SYN_SENT",
            "SYN_SENT ESTABLISHED",
            "ESTABLISHED FIN_WAIT_1",
            "FIN_WAIT_1 FIN_WAIT_2",
            "FIN_WAIT_2 TIME_WAIT",
        ]
        await lab.backend.flush()

    capture = tmp_path / "lab.pcapng"
    in_lab(with_own_stack("c1"), story, capture)
    assert sent_by(capture, "c1:eth0", Flags.SYN | Flags.FIN) == [Flags.SYN, Flags.FIN | Flags.ACK]


def sent_by(capture: Path, interface: str, having: Flags) -> list[Flags]:
    """The flags of the TCP segments with some of these that were seen to leave an interface."""
    with capture.open("rb") as stream:
        frames = [block for block in pcapng.read(stream) if isinstance(block, pcapng.Frame)]
    left = [each for each in frames if each.outbound and each.interface.name == interface]
    segments = filter(None, (decode(each.data).tcp for each in left))
    return [segment.flags for segment in segments if segment.flags & having]


def test_a_server_on_our_stack_and_a_client_on_the_kernels():
    async def story(lab: RunningLab) -> None:
        for address in ("10.0.0.1", "fd00::1"):
            assert (await ping(lab, "c1", address))["replies"] == 2
        await lab.connect("c1", "fd00::1", 7)
        payload = {"payload_text": None, "payload_size": 100_000}
        assert (await lab.ask("c1", "transfer", conn="first", **payload))["ok"]
        assert (await lab.ask("c1", "close", conn="first"))["ok"]
        await until_told(
            lab,
            "server",
            {"kind": "service", "status": "listening", "local": "*:7"},
            {"kind": "service", "status": "accepted", "local": "[fd00::1]:7"},
            {"kind": "service", "status": "served", "sent": 100_000, "received": 100_000},
        )
        await until_told(lab, "server", {"kind": "state", "new": "CLOSED"})
        assert moves(lab, "server") == [
            "LISTEN SYN_RCVD",
            "SYN_RCVD ESTABLISHED",
            "ESTABLISHED CLOSE_WAIT",
            "CLOSE_WAIT LAST_ACK",
            "LAST_ACK CLOSED",
        ]

    in_lab(with_own_stack("server"), story)


def test_sockets_and_samples_come_from_the_stack_itself():
    async def story(lab: RunningLab) -> list[dict[str, Any]]:
        await lab.connect("c1", "10.0.0.1", 7)
        payload = {"payload_text": None, "payload_size": 100_000}
        assert (await lab.ask("c1", "transfer", conn="first", **payload))["ok"]
        await until_told(lab, "server", {"kind": "tcpinfo", "mss": 1448})
        rows: list[dict[str, Any]] = (await lab.backend.sockets("server"))["sockets"]
        return rows

    rows = in_lab(with_own_stack("server", tcp_info=0.001), story)
    assert {"transport": "tcp", "local": "*:7", "foreign": "*:*", "state": "LISTEN"}.items() <= (
        rows[0].items()
    )


def test_a_link_that_goes_down_and_an_address_that_changes_reach_the_stack():
    async def story(lab: RunningLab) -> None:
        await lab.connect("c1", "10.0.0.1", 7)
        await lab.switch(up=False)
        answer = await lab.ask("c1", "ping", conn="down", address="10.0.0.1", **ONE_PING)
        assert answer["ok"]
        await lab.switch(up=True)
        assert (await ping(lab, "c1", "10.0.0.1"))["replies"] == 2
        down = next(event for event in lab.events if event.get("conn") == "down")
        assert down["probes"] == [{"seq": 1, "error": "Network is unreachable", "from": None}]
        payload = {"payload_text": "hello", "payload_size": 5}
        assert (await lab.ask("c1", "send", conn="first", **payload))["ok"]
        assert (await lab.ask("c1", "receive", conn="first", size=5, text="hello"))["ok"]

    in_lab(with_own_stack("c1"), story)
