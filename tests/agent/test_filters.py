"""Filters come and go by their numbers, and what they have stopped is not forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from netlab.agent.channel import Message
from netlab.agent.filters import Filters, Rule


class Counting:
    """A firewall where each rule stops one packet of ten bytes between two looks."""

    def __init__(self) -> None:
        self.installed: list[list[int]] = []
        self.own: frozenset[bytes] = frozenset()
        self.answer: Message | None = None

    def install(self, rules: Mapping[int, Rule], own: frozenset[bytes]) -> Message | None:
        if self.answer is None:
            self.installed.append(list(rules))
            self.own = own
        return self.answer

    def count(self, rules: Mapping[int, Rule]) -> None:
        for rule in rules.values():
            rule.packets += 1
            rule.size += 10


class Node:
    def __init__(self) -> None:
        self.firewall = Counting()
        self.events: list[Message] = []
        self.filters = Filters(self.events.append, self.firewall)

    def ask(self, do: str, **request: Any) -> Message | None:
        async def ask() -> Message | None:
            return await self.filters.verbs[do]({"do": do, **request})

        return asyncio.run(ask())

    def add(self, *texts: tuple[int, str]) -> Message | None:
        asked = [{"number": number, "text": text} for number, text in texts]
        return self.ask("add-filters", own=["10.0.0.1"], filters=asked)


def test_a_filter_joins_those_that_are_there() -> None:
    node = Node()

    node.add((0, "drop udp"))
    node.add((4, "drop tcp"))

    assert node.firewall.installed == [[0], [0, 4]]
    assert node.firewall.own == {bytes((10, 0, 0, 1))}


def test_what_a_filter_has_stopped_is_told_when_it_goes() -> None:
    node = Node()
    node.add((0, "drop udp"), (1, "drop tcp"))

    node.ask("remove-filters", numbers=[0])

    assert node.firewall.installed[-1] == [1]
    assert node.events == [
        {"kind": "filter", "filter": "drop udp", "status": "removed", "packets": 1, "bytes": 10}
    ]


def test_all_go_where_no_numbers_are_given() -> None:
    node = Node()
    node.add((0, "drop udp"), (1, "drop tcp"))

    node.ask("remove-filters", numbers=None)

    assert node.firewall.installed[-1] == []
    assert [event["filter"] for event in node.events] == ["drop udp", "drop tcp"]


def test_counts_are_told_when_asked_for() -> None:
    node = Node()
    node.add((0, "drop udp"))

    node.ask("count-filters")
    node.ask("count-filters")

    assert [(e["status"], e["packets"], e["bytes"]) for e in node.events] == [
        ("counted", 1, 10),
        ("counted", 2, 20),
    ]


def test_what_cannot_be_installed_leaves_what_was_there() -> None:
    node = Node()
    node.add((0, "drop udp"))
    node.firewall.answer = {"ok": False, "lacks": "nft"}

    assert node.add((1, "drop tcp")) == {"ok": False, "lacks": "nft"}
    node.ask("count-filters")

    assert [event["filter"] for event in node.events] == ["drop udp"]
