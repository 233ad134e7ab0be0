"""A router on our stack does what a lab's filters say."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from netlab.agent.channel import Message
from netlab.agent.filters import Filters
from netlab.agent.userspace.firewall import StackFirewall
from netlab.scenario.operations.filters import filters_request
from netlab.stack.host import Host
from netlab.testing.network import Network
from netlab.topology.loading import load_text
from netlab.wire.address import from_text
from netlab.wire.packet import Packet

SERVER = from_text("10.0.0.1")


class Node:
    """The filters of a host, as its agent has them; ``events`` are what they tell."""

    def __init__(self, host: Host) -> None:
        self.events: list[Message] = []
        self._filters = Filters(self.events.append, StackFirewall(host))

    def ask(self, **request: Any) -> None:
        async def ask() -> Message | None:
            return await self._filters.verbs[request["do"]](request)

        assert asyncio.run(ask()) is None


class Lab:
    """A client that asks a server, whose filters are as a lab's file has them."""

    def __init__(self, filters: str) -> None:
        self.network = Network()
        self.network.link("server 10.0.0.1/24", "client 10.0.0.2/24")
        self.network.settle()
        self.node = Node(self.network.hosts["server"])
        text = f"name: f\nnodes:\n  s: {{filters: [{filters}]}}\n"
        node = load_text(text, "lab.yaml").node("s")
        self.node.ask(**filters_request(dict(enumerate(node.filters)), node))

    def send(self, port: int) -> None:
        host = self.network.hosts["client"]
        host.udp.socket().send(self.network.now, bytes(10), SERVER, port)
        self.network.pass_(0.5)

    def connect(self, port: int) -> None:
        self.network.hosts["client"].tcp.connect(self.network.now, SERVER, port)
        self.network.pass_(0.5)

    @property
    def answers(self) -> list[Packet]:
        return [p for p in self.network.packets("server") if p.ip]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("", (3, 13, None)),
        ("with: icmp 3/6,", (3, 6, None)),
        ("with: icmp 12/1,", (12, 1, None)),
        ("with: icmp 3/4, mtu: 1400,", (3, 4, 1400)),
    ],
)
def test_every_rejection_is_ones_own(answer: str, expected: tuple[int, int, int | None]) -> None:
    lab = Lab(f"{{reject: udp, {answer} on: input}}")

    lab.send(9)

    ((message, problems),) = [(p.icmp, p.problems) for p in lab.answers]
    assert message is not None
    assert (message.type, message.code, message.mtu) == expected
    assert problems == ()


def test_a_connection_is_reset() -> None:
    lab = Lab("{reject: tcp.dstport == 7, with: rst, on: input}")

    lab.connect(7)

    (answer,) = lab.answers
    assert answer.tcp is not None
    assert answer.tcp.source_port == 7


def test_counts_go_on_when_another_filter_comes() -> None:
    lab = Lab("{drop: udp.dstport == 9, on: input}, {drop: udp.dstport == 10, on: input}")
    lab.send(9)

    lab.node.ask(do="remove-filters", numbers=[1])
    lab.send(9)
    lab.node.ask(do="count-filters")

    assert [(e["filter"], e["status"], e["packets"], e["bytes"]) for e in lab.node.events] == [
        ("drop udp.dstport == 10 on input", "removed", 0, 0),
        ("drop udp.dstport == 9 on input", "counted", 2, 76),
    ]


def test_removed_filters_stop_nothing() -> None:
    lab = Lab("{drop: udp, on: input}")

    lab.node.ask(do="remove-filters", numbers=None)
    lab.send(9)

    assert [p.icmp.code for p in lab.answers if p.icmp] == [3]  # nobody is at the port


def test_hooks_are_told_apart() -> None:
    lab = Lab("{drop: udp}, {drop: icmp, on: output}")

    lab.send(9)

    assert lab.answers == []
    lab.node.ask(do="count-filters")
    assert [e["packets"] for e in lab.node.events] == [0, 1]
