"""The kernel's packet filters, by nftables, and the rejections that nftables cannot give."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
import socket
from collections.abc import Mapping
from typing import Any

from netlab.agent.channel import Message
from netlab.agent.filters import Rule
from netlab.wire.address import from_text, to_text
from netlab.wire.fields import Subject
from netlab.wire.filter import Filter
from netlab.wire.icmp_error import IcmpError, may_be_about
from netlab.wire.packet import decode_ip

_TABLE = "netlab_filters"
_CHAIN = re.compile(r"chain f(\d+) \{\s*counter packets (\d+) bytes (\d+)")

#: The kernel sends few ICMP errors a second to one host; a rejection answers every packet.
_RATE_LIMITS = ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit")

_ALL_PROTOCOLS = 3  # ETH_P_ALL


class Nftables:
    """Fulfils ``Firewall``."""

    def __init__(self) -> None:
        self._compiled: list[tuple[Rule, Filter]] = []
        self._tap: socket.socket | None = None
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
        if wanted is (self._tap is not None):
            return
        loop = asyncio.get_running_loop()
        if self._tap is not None:
            loop.remove_reader(self._tap)
            self._tap.close()
            self._tap = None
            return
        self._tap = socket.socket(
            socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, socket.htons(_ALL_PROTOCOLS)
        )
        loop.add_reader(self._tap, self._look)

    def _look(self) -> None:
        assert self._tap is not None
        datagram, (_, _, kind, *_) = self._tap.recvfrom(65_536)
        if kind != socket.PACKET_HOST:
            return
        packet = decode_ip(datagram)
        if packet.ip is None or not may_be_about(packet):
            return
        hook = "input" if packet.ip.destination in self._own else "forward"
        for rule, compiled in self._compiled:
            if rule.asked["hook"] == hook and compiled.matches(Subject(packet)):
                if rule.asked["reply"]:
                    self._answer(rule.asked["reply"], datagram, packet.ip.source)
                return

    def _answer(self, reply: Message, datagram: bytes, to: bytes) -> None:
        error = IcmpError(reply["type"], reply["code"], reply["parameter"])
        with contextlib.suppress(OSError):  # nobody is there any more
            send_error(error, datagram, to)


def send_error(error: IcmpError, datagram: bytes, to: bytes) -> str:
    """Send an ICMP error about ``datagram`` to ``to``; the address that it comes from."""
    version_6 = len(to) == 16
    family = socket.AF_INET6 if version_6 else socket.AF_INET
    protocol = socket.IPPROTO_ICMPV6 if version_6 else socket.IPPROTO_ICMP
    with socket.socket(family, socket.SOCK_RAW, protocol) as sender:
        if version_6:  # as neighbour discovery must (RFC 4861, 3.1); errors may
            sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)
        sender.connect((to_text(to), 0))
        own = str(sender.getsockname()[0])
        sender.send(error.about(datagram, from_text(own), to))
    return own


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
