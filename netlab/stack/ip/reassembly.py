"""Putting fragments together (RFC 791, 3.2; RFC 8200, 4.5; RFC 5722 for those that overlap)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from netlab.stack.deadlines import Deadlines
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Buffer, Received
from netlab.stack.ip.refused import Refused
from netlab.stack.units import SECOND
from netlab.wire import icmpv6, ipv6, tcp, udp
from netlab.wire.errors import ParseError
from netlab.wire.icmp_error import IcmpError
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import HEADER_LENGTH, ExtensionType, Ipv6

#: RFC 1122, 3.3.2, has 60 to 120 s and Linux 30 for IPv4; RFC 8200, 4.5, has 60 s.
TIMEOUT_V4, TIMEOUT_V6 = 30 * SECOND, 60 * SECOND
#: What all incomplete datagrams of one version may take, and how many there may be. The oldest
#: make room.
MEMORY_LIMIT = 4 << 20
MAX_INCOMPLETE = 1024
#: What a fragment takes beyond its bytes.
_OVERHEAD = 160

_MAX_PAYLOAD = 65535
#: The least that a header of TCP, UDP and ICMPv6 takes.
_UPPER_HEADERS = {
    tcp.PROTOCOL: tcp.MIN_HEADER_LENGTH,
    udp.PROTOCOL: udp.HEADER_LENGTH,
    icmpv6.PROTOCOL: icmpv6.HEADER_LENGTH,
}

_Key: TypeAlias = tuple[bytes, bytes, int, int]


@dataclass(slots=True)
class _Incomplete:
    """The fragments of a datagram; ``starts`` are the offsets of ``pieces``, in order."""

    first: Received | None = None
    starts: list[int] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)
    length: int | None = None
    have: int = 0
    memory: int = 0
    marks: set[int] = field(default_factory=set)

    def is_complete(self) -> bool:
        return self.first is not None and self.have == self.length


class Reassembly:
    """The incomplete datagrams of a host, of one version of IP; ``timeout`` in ns."""

    __slots__ = ("_deadlines", "_incomplete", "_memory", "memory_limit", "timeout")

    def __init__(self, timeout: int) -> None:
        self.timeout = timeout
        self.memory_limit = MEMORY_LIMIT
        self._incomplete: dict[_Key, _Incomplete] = {}
        self._deadlines: Deadlines[_Key] = Deadlines()
        self._memory = 0

    def __len__(self) -> int:
        return len(self._incomplete)

    @property
    def memory(self) -> int:
        """Bytes that all fragments take."""
        return self._memory

    def add(self, now: int, fragment: Received) -> Received | None:
        """The whole datagram, if this was its last missing fragment. Raises Refused."""
        ip = fragment.ip
        start, data = ip.fragment_offset, _fragment_payload(fragment)
        _check_size(ip, start, data)
        if isinstance(ip, Ipv6) and start == 0:
            _check_headers(ip, fragment)
        key = _key(ip)
        datagram = self._incomplete.get(key)
        if datagram is None:
            datagram = self._begin(now, key)
        try:
            self._take(datagram, fragment, start, data)
        except Refused:
            self._forget(key)
            raise
        if datagram.is_complete():
            self._forget(key)
            return _whole(datagram)
        while self._memory > self.memory_limit:
            self._forget(next(iter(self._incomplete)))
        return None

    def next_timeout(self) -> int | None:
        return self._deadlines.next()

    def handle_timeout(self, now: int) -> list[Received | None]:
        """For each datagram that stays incomplete its first fragment, if it is there.

        Of it alone the source is told (RFC 792; RFC 4443, 3.3).
        """
        lost: list[Received | None] = []
        for key in self._deadlines.expired(now):
            lost.append(self._incomplete[key].first)
            self._forget(key)
        return lost

    def _begin(self, now: int, key: _Key) -> _Incomplete:
        if len(self._incomplete) >= MAX_INCOMPLETE:
            self._forget(next(iter(self._incomplete)))
        datagram = self._incomplete[key] = _Incomplete()
        self._deadlines.set(key, now + self.timeout)
        return datagram

    def _forget(self, key: _Key) -> None:
        self._memory -= self._incomplete.pop(key).memory
        self._deadlines.cancel(key)

    def _take(self, datagram: _Incomplete, fragment: Received, start: int, data: Buffer) -> None:
        end = start + len(data)
        position = bisect_left(datagram.starts, start)
        if _is_repeated(datagram, position, start, data):
            return  # the network duplicates packets (RFC 8200, 4.5)
        before = position - 1
        if (position < len(datagram.starts) and datagram.starts[position] < end) or (
            before >= 0 and datagram.starts[before] + len(datagram.pieces[before]) > start
        ):
            # RFC 5722, section 4: the whole datagram goes. Linux does so for IPv4, too.
            raise Refused(Counted.REASSEMBLY_OVERLAPS)
        self._settle_length(datagram, fragment.ip, end)
        datagram.starts.insert(position, start)
        datagram.pieces.insert(position, bytes(data))
        datagram.have += len(data)
        datagram.marks.add(fragment.ip.ecn)
        taken = len(data) + _OVERHEAD
        if start == 0:
            datagram.first = replace(fragment, datagram=bytes(fragment.datagram))
            taken += len(fragment.datagram)
        datagram.memory += taken
        self._memory += taken

    @staticmethod
    def _settle_length(datagram: _Incomplete, ip: Ipv4 | Ipv6, end: int) -> None:
        """The last fragment says how long all is; nothing may contradict it."""
        if not ip.more_fragments:
            beyond = datagram.starts and datagram.starts[-1] + len(datagram.pieces[-1]) > end
            if beyond or datagram.length not in {None, end}:
                raise Refused(Counted.REASSEMBLY_FAILED)
            datagram.length = end
        elif datagram.length is not None and end > datagram.length:
            raise Refused(Counted.REASSEMBLY_FAILED)


def _key(ip: Ipv4 | Ipv6) -> _Key:
    protocol = ip.protocol if ip.version == 4 else 0  # of IPv6 it may differ (RFC 8200, 4.5)
    return ip.source, ip.destination, ip.identification, protocol


def _fragment_payload(fragment: Received) -> Buffer:
    """What follows the fragment header; of a first fragment there may be more headers in it."""
    if isinstance(fragment.ip, Ipv4):
        return fragment.payload
    start = HEADER_LENGTH
    for extension in fragment.ip.extensions:
        start += len(extension.body) + 2
        if extension.type == ExtensionType.FRAGMENT:
            break
    return fragment.datagram[start:]


def _check_size(ip: Ipv4 | Ipv6, start: int, data: Buffer) -> None:
    is_v6 = isinstance(ip, Ipv6)
    if ip.more_fragments and (len(data) % 8 or not data):
        pointer = 4  # the payload length (RFC 8200, 4.5)
        raise Refused(Counted.REASSEMBLY_FAILED, _parameter_problem(pointer) if is_v6 else None)
    limit = _MAX_PAYLOAD if is_v6 else _MAX_PAYLOAD - ip.header_length
    if start + len(data) > limit:
        pointer = ip.header_length - 6  # the fragment offset
        raise Refused(Counted.REASSEMBLY_FAILED, _parameter_problem(pointer) if is_v6 else None)


def _check_headers(ip: Ipv6, first: Received) -> None:
    """RFC 7112, section 5: the first fragment has all headers, or nobody could filter it."""
    if len(first.payload) < _UPPER_HEADERS.get(ip.protocol, 0):
        error = IcmpError(icmpv6.Type.PARAMETER_PROBLEM, 3, 0)
        raise Refused(Counted.IN_HEADER_ERRORS, error)


def _parameter_problem(pointer: int) -> IcmpError:
    return IcmpError(icmpv6.Type.PARAMETER_PROBLEM, 0, pointer)


def _is_repeated(datagram: _Incomplete, position: int, start: int, data: Buffer) -> bool:
    return (
        position < len(datagram.starts)
        and datagram.starts[position] == start
        and datagram.pieces[position] == data
    )


def _whole(datagram: _Incomplete) -> Received:
    first = datagram.first
    assert first is not None
    payload = b"".join(datagram.pieces)
    ecn = _joint_mark(datagram.marks)
    if isinstance(first.ip, Ipv4):
        ip4 = replace(
            first.ip,
            more_fragments=False,
            dont_fragment=False,
            ecn=ecn,
            total_length=first.ip.header_length + len(payload),
        )
        return replace(first, ip=ip4, payload=payload, datagram=ip4.emit(payload))
    return _whole_ipv6(first, first.ip, payload, ecn)


def _whole_ipv6(first: Received, ip: Ipv6, payload: bytes, ecn: int) -> Received:
    kinds = [e.type for e in ip.extensions]
    split = kinds.index(ExtensionType.FRAGMENT)
    behind = ip.extensions[split + 1 :]
    header = replace(
        ip,
        extensions=ip.extensions[:split],
        protocol=behind[0].type if behind else ip.protocol,
        traffic_class=ip.traffic_class & ~3 | ecn,
    )
    if header.header_length - HEADER_LENGTH + len(payload) > _MAX_PAYLOAD:
        raise Refused(Counted.REASSEMBLY_FAILED)
    whole = header.emit(payload)
    try:
        again, offset = ipv6.parse(whole)
    except ParseError:
        raise Refused(Counted.IN_HEADER_ERRORS) from None
    return replace(first, ip=again, payload=memoryview(whole)[offset:], datagram=whole)


def _joint_mark(marks: set[int]) -> int:
    """RFC 3168, 5.3: congestion that one fragment met, all have; it must not be mixed up."""
    if len(marks) == 1:
        return next(iter(marks))
    if 3 not in marks:
        return min(marks)
    if 0 in marks:
        raise Refused(Counted.REASSEMBLY_FAILED)
    return 3
