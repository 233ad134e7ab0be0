"""What the agents and the fabric of nodes on netlab's own stack are asked, and in which order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from netlab.backends.wired.own_stacks import OwnStacks
from netlab.errors import EnvironmentLacks, NodeError
from netlab.fabric.configuration import configuration, silenced
from netlab.testing.plans import routed
from netlab.topology.stacks import Stack

Message = dict[str, Any]

PLAN = routed()
NODES = tuple(
    replace(node, stack=Stack.USER) if node.name != "server" else node for node in PLAN.nodes
)
C1, R1, SERVER = NODES
WANTED = configuration(C1)
SOCKETS = [{"local": "*:7"}]


class Lab:
    """Notes requests as ``whom what``; ``answers`` are those that are not simply yes."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.requests: list[Message] = []
        self.answers: dict[str, Message] = {}
        self.stacks = OwnStacks(self.agent, self.fabric)

    async def agent(self, node: str, do: str, **arguments: Any) -> Message:
        return self._answer(f"agent {node}", do, arguments)

    async def fabric(self, node: str, do: str, **arguments: Any) -> Message:
        return self._answer(f"fabric {node}", do, arguments)

    def _answer(self, whom: str, do: str, arguments: Message) -> Message:
        words = [
            str(arguments[key]) for key in ("what", "up", "mtu", "address") if key in arguments
        ]
        self.asked.append(" ".join([whom, do, *words]))
        self.requests.append(arguments)
        return self.answers.get(do, {"ok": True, "problems": [], "sockets": SOCKETS})

    def change(self, what: str, **arguments: Any) -> list[str]:
        wanted = arguments.pop("configuration", WANTED).to_json()
        change = self.stacks.change("c1", what, interface="eth0", configuration=wanted, **arguments)
        return asyncio.run(change)


def test_only_nodes_with_a_stack_of_their_own_start_one() -> None:
    lab = Lab()

    asyncio.run(lab.stacks.start(NODES, 7))

    assert lab.asked == ["agent c1 stack", "agent r1 stack"]
    assert lab.requests[0] == {
        "configuration": configuration(C1).to_json(),
        "router": False,
        "seed": "7/c1",
        "tcp_info": None,
        "variables": False,
    }
    assert lab.requests[1]["router"]


def test_a_cable_is_changed_before_the_stack_hears_of_it() -> None:
    lab = Lab()

    assert lab.change("set-link", up=False) == []

    assert lab.asked == ["fabric c1 change set-link False", "agent c1 change-stack set-link False"]
    of_kernel, of_stack = (each["configuration"] for each in lab.requests)
    assert of_kernel == silenced(WANTED).to_json()
    assert of_stack == WANTED.to_json()


def test_addresses_are_the_stack_s_alone() -> None:
    lab = Lab()

    assert lab.change("add-address", address="10.9.0.1/24", up=True) == []

    assert lab.asked == ["agent c1 change-stack add-address True 10.9.0.1/24"]


def test_what_fails_is_told_and_goes_no_further() -> None:
    lab = Lab()
    lab.answers["change"] = {"problems": ["MTU 9: Invalid argument"]}
    assert lab.change("set-mtu", mtu=9, up=True) == ["MTU 9: Invalid argument"]
    assert lab.asked == ["fabric c1 change set-mtu True 9"]

    lab.answers["change-stack"] = {"ok": True, "problems": ["it is there"]}
    assert lab.change("add-address", address="10.9.0.1/24", up=True) == ["it is there"]

    lab.answers["change-stack"] = {"ok": False, "error": "c1 has crashed"}
    assert lab.change("add-address", address="10.9.0.1/24", up=True) == ["c1 has crashed"]


def test_a_node_that_starts_again_has_what_it_was_changed_to_and_its_links_are_down() -> None:
    lab = Lab()
    asyncio.run(lab.stacks.start([C1], 7))
    changed = replace(WANTED, interfaces=(replace(WANTED.interfaces[0], addresses=()),))
    lab.change("remove-address", address="10.0.0.2/24", configuration=changed)
    lab.asked.clear()

    asyncio.run(lab.stacks.start([C1], 7))

    assert lab.asked == ["agent c1 stack", "agent c1 change-stack set-link False"]
    assert lab.requests[-2]["configuration"] == changed.to_json()
    assert lab.requests[-2]["seed"] == "7/c1/2"


def test_the_table_of_a_frozen_node_is_what_it_was_and_changes_wait() -> None:
    lab = Lab()
    asyncio.run(lab.stacks.freezes("c1"))
    lab.answers["sockets"] = {"ok": True, "t": 1, "sockets": []}
    lab.asked.clear()

    assert lab.change("set-link", up=False) == []
    assert asyncio.run(lab.stacks.sockets("c1"))["sockets"] == SOCKETS
    assert lab.asked == ["fabric c1 change set-link False"]

    asyncio.run(lab.stacks.thawed("c1"))
    assert lab.asked[1:] == ["agent c1 change-stack set-link False"]
    assert asyncio.run(lab.stacks.sockets("c1"))["sockets"] == []


def test_a_node_that_crashes_has_no_sockets_even_if_it_was_frozen() -> None:
    lab = Lab()
    asyncio.run(lab.stacks.freezes("c1"))
    lab.stacks.crashes("c1")
    lab.answers["sockets"] = {"ok": False, "error": "c1 has crashed"}

    assert asyncio.run(lab.stacks.sockets("c1"))["sockets"] == []


def test_a_machine_without_packet_sockets_is_told_what_it_lacks() -> None:
    lab = Lab()
    lab.answers["stack"] = {"ok": False, "errno": "EPERM", "error": "eth0: Operation not permitted"}
    with pytest.raises(EnvironmentLacks, match="c1 cannot have a stack of netlab's own: eth0:"):
        asyncio.run(lab.stacks.start([C1], 7))


def test_a_stack_that_does_not_start_is_the_node_s_error() -> None:
    lab = Lab()
    lab.answers["stack"] = {"ok": False, "errno": "ENODEV", "error": "eth0: No such device"}
    with pytest.raises(NodeError, match="c1: its stack does not start: eth0: No such device"):
        asyncio.run(lab.stacks.start([C1], 7))
