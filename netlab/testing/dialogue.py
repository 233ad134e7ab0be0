"""Packet dialogues: what a lab's captures would hold, written one packet a line.

::

    c1 > server  SYN seq=0 mss=536
    server > c1  SYN ACK seq=0 ack=1 mss=1460
    c1 > server  ACK seq=1 ack=1 len=100 lost=r1:eth1

A line names two nodes of the plan (with ports where they are not 40000 for clients and 7 for
servers) and a packet: TCP flags, ``UDP``, ``ICMP`` with a kind, or ``ARP``. Sequence and
acknowledgment numbers are relative. The packet takes the plan's links, a millisecond each; routers
lower its hop limit and cut it into fragments where the MTU asks for it. Real bytes are made of it
and decoded again.

A line begins a millisecond after the line before arrived, or ``@12ms`` after the start. Its other
words:

====================  ================================================================
``len=100``           bytes of data
``mss=`` ``win=``     option and field of TCP
``isn=``              the sender's initial sequence number from here on
``id=``               IPv4 identification; counted up where it is not given
``lost=r1:eth1``      it leaves this interface and arrives nowhere
``delay=50ms``        on the first link
``copies=2``          the first link delivers it twice
``flip=60``           the first link flips a bit of byte 60 of the frame; it goes no further
``by=r1``             this node sends it in the source's name
``mtu=`` ``quotes=``  of an ICMP error: next-hop MTU, and the number of the line it is about
``v6`` ``nodf``       over IPv6; TCP without the DF flag
====================  ================================================================
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from netlab.analyse.model import Sighting
from netlab.testing.datagrams import Datagram, make
from netlab.topology.plan import End, Interface, Plan, Role
from netlab.wire import arp, ethernet, icmp, icmpv6, ipv4, ipv6
from netlab.wire.arp import Arp
from netlab.wire.packet import decode
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import MaximumSegmentSize
from netlab.wire.udp import Udp

MILLISECOND = 1_000_000
_ROUTING = 10_000
_TO_NEXT_FRAGMENT = 1_000
_LINE = re.compile(
    r"(?:@(?P<at>[\d.]+)ms\s+)?(?P<source>[\w-]+)(?::(?P<source_port>\d+))?\s*>\s*"
    r"(?P<target>[\w-]+)(?::(?P<target_port>\d+))?\s+(?P<words>.+)"
)


def dialogue(plan: Plan, text: str) -> tuple[Sighting, ...]:
    """What all interfaces of ``plan`` saw, numbered in time order.

    Raises ValueError for a line that makes no sense.
    """
    lab = _Lab(plan)
    for line in text.splitlines():
        if line.strip():
            lab.play(_Line.parse(line.strip()))
    return lab.sightings()


@dataclass(frozen=True, slots=True)
class _Line:
    """``at`` is nanoseconds; ``words`` are those without a value."""

    source: str
    source_port: int | None
    target: str
    target_port: int | None
    at: int | None
    words: frozenset[str]
    values: dict[str, str]

    @staticmethod
    def parse(text: str) -> _Line:
        match = _LINE.fullmatch(text)
        if match is None:
            raise ValueError(f"not a line of a dialogue: {text}")
        words = match["words"].split()
        return _Line(
            source=match["source"],
            source_port=int(match["source_port"]) if match["source_port"] else None,
            target=match["target"],
            target_port=int(match["target_port"]) if match["target_port"] else None,
            at=int(float(match["at"]) * MILLISECOND) if match["at"] else None,
            words=frozenset(word for word in words if "=" not in word),
            values=dict(word.split("=", 1) for word in words if "=" in word),
        )

    def number(self, key: str, default: int = 0) -> int:
        return int(self.values.get(key, default))

    @property
    def data(self) -> bytes:
        return bytes(number % 251 for number in range(self.number("len")))


@dataclass(frozen=True, slots=True)
class _Fate:
    """What happens to a packet on the first link of its way; ``lost`` may be on any."""

    delay: int = MILLISECOND
    copies: int = 1
    lost: str | None = None
    flip: int | None = None

    @staticmethod
    def of(line: _Line) -> _Fate:
        delay = float(line.values.get("delay", "1ms").removesuffix("ms"))
        flip = line.number("flip") if "flip" in line.values else None
        copies, lost = line.number("copies", 1), line.values.get("lost")
        return _Fate(int(delay * MILLISECOND), copies, lost, flip)


@dataclass(frozen=True, slots=True)
class _Seen:
    t: int
    end: End
    outbound: bool
    frame: bytes


@dataclass(slots=True)
class _Lab:
    """The lab while a dialogue is played in it."""

    plan: Plan
    now: int = MILLISECOND
    identification: int = 0
    seen: list[_Seen] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    initial: dict[tuple[str, int], int] = field(default_factory=dict)

    def play(self, line: _Line) -> None:
        start = self.now if line.at is None else line.at
        hops = self._hops(line.values.get("by", line.source), line.target)
        if "ARP" in line.words:
            self._ask(start, hops[0])
            return
        packet = self._datagram(line)
        self.sent.append(packet.emit())
        self._carry(start, packet, hops, _Fate.of(line))

    def sightings(self) -> tuple[Sighting, ...]:
        ordered = sorted(self.seen, key=lambda seen: seen.t)
        return tuple(
            Sighting(number, s.t, s.end.node, s.end.interface, s.outbound, decode(s.frame))
            for number, s in enumerate(ordered, start=1)
        )

    def _carry(self, t: int, packet: Datagram, hops: list[tuple[End, End]], fate: _Fate) -> None:
        (leaving, entering), *rest = hops
        is_source = packet.ip.source in self._addresses(leaving.node)
        self.now = max(self.now, t + MILLISECOND)
        for piece in packet.pieces(self._interface(leaving).mtu, is_source=is_source):
            kind = ipv4.ETHERTYPE if piece.ip.version == 4 else ipv6.ETHERTYPE
            frame = self._frame(leaving, self._mac(entering), kind, piece.emit())
            self.seen.append(_Seen(t, leaving, outbound=True, frame=frame))
            copies = 0 if fate.lost == str(leaving) else fate.copies
            for copy in range(copies):
                arrival = t + fate.delay + copy * _ROUTING
                came = _flipped(frame, fate.flip)
                self.seen.append(_Seen(arrival, entering, outbound=False, frame=came))
                self.now = max(self.now, arrival + MILLISECOND)
                if rest and fate.flip is None:
                    later = replace(fate, delay=MILLISECOND, copies=1)
                    self._carry(arrival + _ROUTING, piece.lowered(), rest, later)
            t += _TO_NEXT_FRAGMENT

    def _ask(self, t: int, hop: tuple[End, End]) -> None:
        """An ARP request goes to all ends of the link."""
        asking, asked = hop
        request = Arp(
            arp.Operation.REQUEST,
            self._mac(asking),
            self._addresses(asking.node)[0],
            bytes(6),
            self._addresses(asked.node)[0],
        )
        frame = self._frame(asking, ethernet.BROADCAST, arp.ETHERTYPE, request.emit())
        self.seen.append(_Seen(t, asking, outbound=True, frame=frame))
        others = [end for link in self.plan.links if asking in link.ends for end in link.ends]
        for end in others:
            if end != asking:
                self.seen.append(_Seen(t + MILLISECOND, end, outbound=False, frame=frame))
        self.now = t + 2 * MILLISECOND

    def _frame(self, leaving: End, destination: bytes, ethertype: int, payload: bytes) -> bytes:
        return ethernet.Ethernet(destination, self._mac(leaving), ethertype).emit(payload)

    def _datagram(self, line: _Line) -> Datagram:
        version = 6 if "v6" in line.words else 4
        self.identification += 1
        return make(
            self._header(line),
            self._quote(line) if "quotes" in line.values else line.data,
            self._address(line.source, version),
            self._address(line.target, version),
            identification=line.number("id", self.identification),
            dont_fragment="nodf" not in line.words,
        )

    def _header(self, line: _Line) -> Tcp | Udp | icmp.Icmp | icmpv6.Icmpv6:
        if "ICMP" in line.words:
            return _icmp(line)
        source_port = line.source_port or self._usual_port(line.source)
        target_port = line.target_port or self._usual_port(line.target)
        if "UDP" in line.words:
            return Udp(source_port, target_port)
        own, peer = (line.source, source_port), (line.target, target_port)
        if "isn" in line.values:
            self.initial[own] = line.number("isn")
        flags = Flags(0)
        for word in line.words - {"v6", "nodf"}:
            flags |= Flags[word]
        has_size = "mss" in line.values
        return Tcp(
            source_port,
            target_port,
            (self._initial(own) + line.number("seq")) % 2**32,
            (self._initial(peer) + line.number("ack")) % 2**32 if "ack" in line.values else 0,
            flags,
            line.number("win", 65535),
            options=(MaximumSegmentSize(line.number("mss")),) if has_size else (),
        )

    def _quote(self, line: _Line) -> bytes:
        """The IP header and 8 bytes (RFC 792), or over IPv6 as much as fits (RFC 4443)."""
        packet = self.sent[line.number("quotes") - 1]
        return packet[:1232] if "v6" in line.words else packet[:28]

    def _initial(self, endpoint: tuple[str, int]) -> int:
        return self.initial.setdefault(endpoint, 1_000_000 * (len(self.initial) + 1))

    def _usual_port(self, node: str) -> int:
        return 7 if self.plan.node(node).role is Role.SERVER else 40000

    def _interface(self, end: End) -> Interface:
        interfaces = self.plan.node(end.node).interfaces
        return next(each for each in interfaces if each.name == end.interface)

    def _mac(self, end: End) -> bytes:
        return bytes.fromhex(self._interface(end).mac.replace(":", ""))

    def _addresses(self, node: str) -> list[bytes]:
        return [a.packed for i in self.plan.node(node).interfaces for a in i.addresses]

    def _address(self, node: str, version: int) -> bytes:
        length = 16 if version == 6 else 4
        return next(packed for packed in self._addresses(node) if len(packed) == length)

    def _hops(self, source: str, target: str) -> list[tuple[End, End]]:
        """The links from ``source`` to ``target`` as the ends where each is left and entered."""
        ways: deque[tuple[str, list[tuple[End, End]]]] = deque([(source, [])])
        visited = {source}
        while ways:
            node, way = ways.popleft()
            if node == target:
                return way
            for leaving, entering in self._neighbours(node):
                if entering.node not in visited:
                    visited.add(entering.node)
                    ways.append((entering.node, [*way, (leaving, entering)]))
        raise ValueError(f"no way from {source} to {target}")

    def _neighbours(self, node: str) -> Iterable[tuple[End, End]]:
        for link in self.plan.links:
            for leaving in link.ends:
                if leaving.node == node:
                    yield from ((leaving, end) for end in link.ends if end != leaving)


def _flipped(frame: bytes, place: int | None) -> bytes:
    if place is None:
        return frame
    return frame[:place] + bytes([frame[place] ^ 1]) + frame[place + 1 :]


def _icmp(line: _Line) -> icmp.Icmp | icmpv6.Icmpv6:
    mtu = line.number("mtu")
    if "too-big" in line.words:
        return icmpv6.Icmpv6(icmpv6.Type.PACKET_TOO_BIG, rest=mtu.to_bytes(4, "big"))
    if "frag-needed" in line.words:
        return icmp.fragmentation_needed(mtu)
    if "port-unreachable" in line.words:
        return icmp.Icmp(icmp.Type.DESTINATION_UNREACHABLE, icmp.Unreachable.PORT)
    return icmp.echo(1, line.number("seq"), reply="echo-reply" in line.words)
