"""The packet filters of a node on our stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from netlab.agent.filters import Rule
from netlab.stack.host import Host
from netlab.stack.ip.filters import Rule as StackRule
from netlab.wire.fields import Subject
from netlab.wire.filter import Filter
from netlab.wire.icmp_error import IcmpError
from netlab.wire.packet import Packet


class StackFirewall:
    """Fulfils ``Firewall``."""

    def __init__(self, host: Host) -> None:
        self._filters = host.ip.filters
        self._installed: dict[int, StackRule] = {}

    def install(self, rules: Mapping[int, Rule], own: frozenset[bytes]) -> None:
        self._installed = {number: _made(rule) for number, rule in rules.items()}
        filters = self._filters
        filters.input, filters.forward, filters.output = (
            [made for n, made in self._installed.items() if rules[n].asked["hook"] == hook]
            for hook in ("input", "forward", "output")
        )

    def count(self, rules: Mapping[int, Rule]) -> None:
        for number, made in self._installed.items():
            if rule := rules.get(number):
                rule.packets, rule.size = made.packets, made.size


def _made(rule: Rule) -> StackRule:
    asked = rule.asked
    return StackRule(
        _test(Filter(asked["expression"])),
        errors={
            each["version"]: IcmpError(each["type"], each["code"], each["parameter"])
            for each in asked["errors"]
        },
        resets=asked["resets"],
        packets=rule.packets,
        size=rule.size,
    )


def _test(compiled: Filter) -> Callable[[Packet], bool]:
    return lambda packet: compiled.matches(Subject(packet))
