from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from netlab.collect.eventlog import EventLog
from netlab.errors import EnvironmentLacks, NodeError
from netlab.scenario.filters import count_filters, install_filters
from netlab.scenario.player import Player
from netlab.testing import clock, plans
from netlab.testing.backend import PlayedBackend
from netlab.topology.filters import Hook, PacketFilter
from netlab.topology.plan import Plan
from netlab.topology.steps import Pause, SetFilter, Step, Timing

DROP = PacketFilter("drop udp", "udp", Hook.FORWARD, ("meta l4proto udp",))


class AnsweringBackend(PlayedBackend):
    """Answers filters as ``answer`` says."""

    answer: dict[str, Any] = {"ok": True}  # noqa: RUF012 - replaced, never changed

    async def call(self, node: str, do: str, **arguments: Any) -> dict[str, Any]:
        await super().call(node, do, **arguments)
        return self.answer


def filtered(*steps: Step) -> Plan:
    plan = plans.routed()
    router = replace(plan.node("r1"), filters=(DROP,))
    nodes = tuple(router if node.name == "r1" else node for node in plan.nodes)
    return replace(plan, nodes=nodes, steps=steps)


def set_filter(wanted: PacketFilter | None, duration: float | None = None) -> SetFilter:
    common: dict[str, Any] = {"where": "", "text": "", "timing": Timing()}
    return SetFilter(**common, node="r1", filter=wanted, duration=duration)


def asked(backend: PlayedBackend) -> list[tuple[float, str, str]]:
    began = backend.requests[0][0]
    return [(round(t - began, 3), node, do.split()[0]) for t, node, do in backend.requests]


def test_only_nodes_with_filters_are_asked(log: EventLog) -> None:
    backend = PlayedBackend(log.tell)

    async def whole() -> None:
        await install_filters(filtered(), backend)
        await count_filters(filtered(), backend, frozenset())

    asyncio.run(whole())

    assert [(node, do) for _, node, do in asked(backend)] == [
        ("r1", "add-filters"),
        ("r1", "count-filters"),
    ]


def test_a_filter_of_a_step_goes_when_its_time_is_over(log: EventLog) -> None:
    backend = PlayedBackend(log.tell)
    pause = Pause(where="", text="", timing=Timing(), duration=1.0)

    clock.play(Player(filtered(set_filter(DROP, 2.0), pause), backend, log).play())

    assert asked(backend) == [(0.0, "r1", "add-filters"), (2.0, "r1", "remove-filters")]
    assert [e.data["status"] for e in log.events if e.kind == "filter"] == ["set"]


def test_none_removes_them_all(log: EventLog) -> None:
    backend = PlayedBackend(log.tell)

    clock.play(Player(filtered(set_filter(None)), backend, log).play())

    assert asked(backend) == [(0.0, "r1", "remove-filters")]


def test_a_machine_without_nft_is_told_which_package_has_it(log: EventLog) -> None:
    backend = AnsweringBackend(log.tell)
    backend.answer = {"ok": False, "error": "nft", "lacks": "nft"}

    with pytest.raises(EnvironmentLacks, match="install nftables"):
        asyncio.run(install_filters(filtered(), backend))


def test_what_nft_refuses_is_said_with_the_node(log: EventLog) -> None:
    backend = AnsweringBackend(log.tell)
    backend.answer = {"ok": False, "error": "nft: syntax error"}

    with pytest.raises(NodeError, match="r1: packets cannot be filtered: nft: syntax error"):
        asyncio.run(install_filters(filtered(), backend))
