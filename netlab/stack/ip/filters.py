"""Packet filters of a host, asked where netfilter has its hooks."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from netlab.stack.failure import failure
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Buffer, Received
from netlab.stack.ip.refused import Refused
from netlab.wire.icmp_error import IcmpError
from netlab.wire.packet import Packet, decode_ip


@dataclass(slots=True, eq=False)
class Rule:
    """Packets that ``matches`` are stopped, and counted: how many, and the bytes of all.

    They are answered with an error, by the version of IP that it is of, or with a reset.
    """

    matches: Callable[[Packet], bool]
    errors: Mapping[int, IcmpError] = field(default_factory=dict)
    resets: bool = False
    packets: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Stopped:
    """``interface`` is where it came in; what the host itself sends has none."""

    packet: Packet
    datagram: bytes
    interface: str | None = None
    is_for_many: bool = False


class Filters:
    """Rules for ``input``, ``forward`` and ``output``: the first that matches stops a packet.

    Of IPv4, ``input`` sees whole datagrams, of IPv6 their fragments. ``forward`` sees what has a
    way, room on it, and a hop less.
    """

    def __init__(self) -> None:
        self.input: Sequence[Rule] = ()
        self.forward: Sequence[Rule] = ()
        self.output: Sequence[Rule] = ()
        #: Who answers: the sender of ICMP errors, and TCP.
        self.send_error: Callable[[int, IcmpError, Stopped], None] = lambda *_: None
        self.send_reset: Callable[[int, Packet], None] = lambda *_: None

    def check_in(self, now: int, rules: Sequence[Rule], received: Received) -> None:
        """Raises Refused when a rule stops what has come in; its source has been answered then."""
        datagram = bytes(received.datagram)
        packet = decode_ip(datagram, verify=not received.is_verified)
        if rule := _first(rules, packet, datagram):
            many = received.is_for_many
            self._answer(now, rule, Stopped(packet, datagram, received.interface.name, many))
            raise Refused(Counted.IN_DISCARDS)

    def check_out(self, now: int, datagram: bytes) -> None:
        """OSError(EPERM) when a rule stops what the host sends."""
        packet = decode_ip(datagram, verify=False)
        if rule := _first(self.output, packet, datagram):
            self._answer(now, rule, Stopped(packet, datagram))
            raise failure(errno.EPERM)

    def lets_out(self, datagram: bytes) -> bool:
        """Whether what no program has sent may leave; nobody is told if not."""
        packet = decode_ip(datagram, verify=False)
        return _first(self.output, packet, datagram) is None

    def _answer(self, now: int, rule: Rule, stopped: Stopped) -> None:
        packet = stopped.packet
        if packet.ip is None or packet.damaged:
            return
        if rule.resets:
            if packet.tcp is not None and not stopped.is_for_many:
                self.send_reset(now, packet)
        elif error := rule.errors.get(packet.ip.version):
            self.send_error(now, error, stopped)


def _first(rules: Sequence[Rule], packet: Packet, datagram: Buffer) -> Rule | None:
    for rule in rules:
        if rule.matches(packet):
            rule.packets += 1
            rule.size += len(datagram)
            return rule
    return None
