"""Packet filters of this node: what is asked for, and what they have stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from netlab.agent.channel import Emit, Message
from netlab.wire.address import from_text


@dataclass(slots=True)
class Rule:
    """``asked`` are the fields of a PacketFilter; ``packets`` and ``size`` what it has stopped."""

    asked: Message
    packets: int = 0
    size: int = 0

    def told(self, status: str) -> Message:
        counts = {"packets": self.packets, "bytes": self.size}
        return {"kind": "filter", "filter": self.asked["text"], "status": status, **counts}


class Firewall(Protocol):
    """Who filters: the kernel, or our own stack."""

    def install(self, rules: Mapping[int, Rule], own: frozenset[bytes]) -> Message | None:
        """From now on these and no others; of each their counts go on.

        ``own`` are the node's addresses. Returns the answer if it cannot.
        """

    def count(self, rules: Mapping[int, Rule]) -> None:
        """Bring the counts of those that are installed up to date."""


class Filters:
    """All filters of this agent's node, by number."""

    def __init__(self, emit: Emit, firewall: Firewall) -> None:
        self._emit = emit
        self._firewall = firewall
        self._rules: dict[int, Rule] = {}
        self._own: frozenset[bytes] = frozenset()
        self.verbs: dict[str, Callable[[Message], Awaitable[Message | None]]] = {
            "add-filters": self._add,
            "remove-filters": self._remove,
            "count-filters": self._tell_counts,
        }

    async def _add(self, request: Message) -> Message | None:
        self._own = frozenset(map(from_text, request["own"]))
        added = {each["number"]: Rule(each) for each in request["filters"]}
        return self._change(self._rules | added)

    async def _remove(self, request: Message) -> Message | None:
        """Those with these ``numbers``, or all."""
        going = self._rules.keys() if request["numbers"] is None else set(request["numbers"])
        gone = [rule for number, rule in self._rules.items() if number in going]
        answer = self._change({n: rule for n, rule in self._rules.items() if n not in going})
        for rule in gone:
            self._emit(rule.told("removed"))
        return answer

    async def _tell_counts(self, _: Message) -> None:
        if self._rules:
            self._firewall.count(self._rules)
        for rule in self._rules.values():
            self._emit(rule.told("counted"))

    def _change(self, rules: dict[int, Rule]) -> Message | None:
        if self._rules:
            self._firewall.count(self._rules)
        answer = self._firewall.install(rules, self._own)
        if answer is None:
            self._rules = rules
        return answer
