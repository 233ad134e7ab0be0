"""Packet filters of this node, in nftables, and the rejections that nftables cannot give."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from netlab.agent.channel import Emit, Message
from netlab.agent.icmp_errors import send_error
from netlab.agent.network import Network, Tap
from netlab.wire.address import from_text
from netlab.wire.fields import Subject
from netlab.wire.filter import Filter
from netlab.wire.icmp_error import IcmpError, may_be_about
from netlab.wire.packet import decode_ip

_TABLE = "netlab_filters"
_CHAIN = re.compile(r"chain f(\d+) \{\s*counter packets (\d+) bytes (\d+)")

#: The kernel sends few ICMP errors a second to one host; a rejection answers every packet.
_RATE_LIMITS = ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit")


@dataclass(slots=True)
class _Rule:
    """``asked`` are the fields of a PacketFilter; ``packets`` and ``size`` what it has stopped."""

    asked: Message
    packets: int = 0
    size: int = 0
    compiled: Filter = field(init=False)

    def __post_init__(self) -> None:
        self.compiled = Filter(self.asked["expression"])

    def told(self, status: str) -> Message:
        counts = {"packets": self.packets, "bytes": self.size}
        return {"kind": "filter", "filter": self.asked["text"], "status": status, **counts}


class Filters:
    """All filters of this agent's node, by number."""

    def __init__(self, network: Network, emit: Emit) -> None:
        self._network = network
        self._emit = emit
        self._rules: dict[int, _Rule] = {}
        self._listening: tuple[Tap, asyncio.Task[None]] | None = None
        self._own: frozenset[bytes] = frozenset()
        self.verbs: dict[str, Callable[[Message], Awaitable[Message | None]]] = {
            "add-filters": self._add,
            "remove-filters": self._remove,
            "count-filters": self._tell_counts,
        }

    async def _add(self, request: Message) -> Message | None:
        self._own = frozenset(map(from_text, request["own"]))
        added = {each["number"]: _Rule(each) for each in request["filters"]}
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
            self._count()
        for rule in self._rules.values():
            self._emit(rule.told("counted"))

    def _change(self, rules: dict[int, _Rule]) -> Message | None:
        try:
            if self._rules:
                self._count()
            if any(rule.asked["verdict"].startswith("reject") for rule in rules.values()):
                _lift_rate_limits()
            self._listen(wanted=any(rule.asked["reply"] for rule in rules.values()))
            _nft("-f", "-", given=_ruleset(rules))
        except FileNotFoundError:
            return {"ok": False, "errno": "ENOENT", "error": "nft", "lacks": "nft"}
        self._rules = rules
        return None

    def _count(self) -> None:
        for number, packets, size in _CHAIN.findall(_nft("list", "table", "inet", _TABLE)):
            if rule := self._rules.get(int(number)):
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
        for rule in self._rules.values():
            if rule.asked["hook"] == hook and rule.compiled.matches(Subject(packet)):
                if reply := rule.asked["reply"]:
                    error = IcmpError(reply["type"], reply["code"], reply["parameter"])
                    with contextlib.suppress(OSError):  # nobody is there any more
                        await send_error(self._network, error, datagram, packet.ip.source)
                return


def _ruleset(rules: dict[int, _Rule]) -> str:
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
