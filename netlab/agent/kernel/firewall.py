"""The kernel's packet filters, by nftables, and the rejections that nftables cannot give."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
from collections.abc import Mapping
from typing import Any

from netlab.agent.channel import Message
from netlab.agent.filters import Rule
from netlab.agent.icmp_errors import send_error
from netlab.agent.network import Network, Tap
from netlab.wire.fields import Subject
from netlab.wire.filter import Filter
from netlab.wire.icmp_error import IcmpError, may_be_about
from netlab.wire.packet import decode_ip

_TABLE = "netlab_filters"
_CHAIN = re.compile(r"chain f(\d+) \{\s*counter packets (\d+) bytes (\d+)")

#: The kernel sends few ICMP errors a second to one host; a rejection answers every packet.
_RATE_LIMITS = ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit")


class Nftables:
    """Fulfils ``Firewall``."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._compiled: list[tuple[Rule, Filter]] = []
        self._listening: tuple[Tap, asyncio.Task[None]] | None = None
        self._own: frozenset[bytes] = frozenset()

    def install(self, rules: Mapping[int, Rule], own: frozenset[bytes]) -> Message | None:
        self._own = own
        try:
            if any(rule.asked["verdict"].startswith("reject") for rule in rules.values()):
                _lift_rate_limits()
            self._listen(wanted=any(rule.asked["reply"] for rule in rules.values()))
            _nft("-f", "-", given=_ruleset(rules))
        except FileNotFoundError:
            return {"ok": False, "errno": "ENOENT", "error": "nft", "lacks": "nft"}
        self._compiled = [(each, Filter(each.asked["expression"])) for each in rules.values()]
        return None

    def count(self, rules: Mapping[int, Rule]) -> None:
        for number, packets, size in _CHAIN.findall(_nft("list", "table", "inet", _TABLE)):
            if rule := rules.get(int(number)):
                rule.packets, rule.size = int(packets), int(size)

    def _listen(self, *, wanted: bool) -> None:
        """See the packets that rules answer themselves: nftables drops them behind this tap."""
        if wanted is (self._listening is not None):
            return
        if self._listening is not None:
            tap, answering = self._listening
            answering.cancel()
            tap.close()
            self._listening = None
            return
        tap = self._network.tap()
        self._listening = tap, asyncio.create_task(self._answer_all(tap))

    async def _answer_all(self, tap: Tap) -> None:
        while True:
            await tap.until_news()
            for datagram in tap.take():
                await self._answer(datagram)

    async def _answer(self, datagram: bytes) -> None:
        """As the first rule says that matches."""
        packet = decode_ip(datagram)
        if packet.ip is None or not may_be_about(packet):
            return
        hook = "input" if packet.ip.destination in self._own else "forward"
        for rule, compiled in self._compiled:
            if rule.asked["hook"] == hook and compiled.matches(Subject(packet)):
                if reply := rule.asked["reply"]:
                    error = IcmpError(reply["type"], reply["code"], reply["parameter"])
                    with contextlib.suppress(OSError):  # nobody is there any more
                        await send_error(self._network, error, datagram, packet.ip.source)
                return


def _ruleset(rules: Mapping[int, Rule]) -> str:
    """All filters in one table, which takes the old one's place at once. Counts go on."""
    lines = [f"add table inet {_TABLE}", f"delete table inet {_TABLE}"]
    if not rules:
        return "\n".join(lines) + "\n"
    lines.append(f"table inet {_TABLE} {{")
    for number, rule in rules.items():
        counter = f"counter packets {rule.packets} bytes {rule.size}"
        lines.append(f"chain f{number} {{ {counter}\n{rule.asked['verdict']}\n}}")
    for hook in ("input", "forward", "output"):
        lines.append(f"chain {hook} {{ type filter hook {hook} priority 0; policy accept;")
        lines += [
            f"{match} goto f{number}"
            for number, rule in rules.items()
            if rule.asked["hook"] == hook
            for match in rule.asked["matches"]
        ]
        lines.append("}")
    return "\n".join([*lines, "}"]) + "\n"


def _nft(*arguments: str, given: str = "") -> str:
    import subprocess  # noqa: PLC0415 - few agents have filters, and thousands are forked

    done: Any = subprocess.run(
        ["nft", *arguments], input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OSError(errno.EINVAL, f"nft: {done.stderr.strip()}")
    return str(done.stdout)


def _lift_rate_limits() -> None:
    for name in _RATE_LIMITS:
        try:
            with open(f"/proc/sys/net/{name}", "w") as setting:  # noqa: PTH123 - without pathlib's cost
                setting.write("0")
        except FileNotFoundError:
            continue  # a kernel without IPv6
