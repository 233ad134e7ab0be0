"""What may become of frames on their way: wrong in one thing, and right in all else."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from random import Random

from netlab.testing.mutations import mended
from netlab.wire import icmp, icmpv6
from netlab.wire.ethernet import Ethernet
from netlab.wire.icmp_error import IcmpError
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, Ipv6
from netlab.wire.packet import Packet, decode
from netlab.wire.tcp import FLAGS, Tcp
from netlab.wire.tcp_options import (
    MalformedOption,
    MaximumSegmentSize,
    Option,
    Sack,
    SackPermitted,
    Timestamps,
    UnknownOption,
    WindowScale,
)

#: Frames of earlier that may come again, or be complained of.
_KEPT = 64
_MODULO = 1 << 32
#: Errors about datagrams, by the version of IP: types and codes.
_ERRORS = {
    4: ((3, (0, 1, 2, 3, 4, 4, 4, 13)), (4, (0,)), (5, (0, 1)), (11, (0, 1)), (12, (0, 1))),
    6: ((1, (0, 1, 3, 4)), (2, (0, 0, 0)), (3, (0, 1)), (4, (0, 1, 2))),
}


class Damage:
    """Frames pass by in both directions, and each may be spoilt."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._kept: deque[tuple[bytes, Packet]] = deque(maxlen=_KEPT)
        self._ways: tuple[Callable[[bytes, Packet], bytes], ...] = (
            self._some_bytes,
            self._noise,
            self._cut,
            self._again,
            self._complaint,
            self._header,
            self._segment,
            self._segment,
            self._segment,
        )

    def of(self, frame: bytes) -> bytes:
        """A frame that comes instead of, or beside, ``frame``."""
        packet = decode(frame)
        self._kept.append((frame, packet))
        return self._random.choice(self._ways)(frame, packet)

    def _some_bytes(self, frame: bytes, _: Packet) -> bytes:
        """Whose checksums are right all the same."""
        return mended(self._noise(frame, _))

    def _noise(self, frame: bytes, _: Packet) -> bytes:
        chance, spoilt = self._random, bytearray(frame)
        for _each in range(chance.choice((1, 1, 2, 5))):
            at = chance.randrange(12, max(len(spoilt), 13))
            spoilt[at : at + 1] = bytes((chance.choice((0, 1, 0x7F, 0xFF, chance.getrandbits(8))),))
        return bytes(spoilt)

    def _cut(self, frame: bytes, _: Packet) -> bytes:
        kept = frame[: self._random.randrange(len(frame) + 1)]
        longer = frame + self._random.randbytes(self._random.randrange(64))
        return self._random.choice((kept, longer))

    def _again(self, _: bytes, __: Packet) -> bytes:
        return self._random.choice(self._kept)[0]

    def _complaint(self, frame: bytes, packet: Packet) -> bytes:
        """An ICMP error about what the receiver of the frame has sent."""
        ip = packet.ip
        about = [p for _, p in self._kept if p.ip and ip and p.ip.source == ip.destination]
        if ip is None or packet.ethernet is None or not about:
            return self._noise(frame, packet)
        chance = self._random
        kind, codes = chance.choice(_ERRORS[ip.version])
        rest = chance.choice((0, 6, 40, 68, 256, 576, 1000, 1279, 1280, 1400, 65535))
        quoted = chance.choice(about)
        assert quoted.ip
        message = quoted.ip.emit(_transport(quoted, quoted.ip))
        # A pointer of ICMP has one byte only.
        error = IcmpError(kind, chance.choice(codes), rest & 0xFF if kind == 12 else rest)
        payload = error.about(message, ip.source, ip.destination)
        protocol = icmp.PROTOCOL if ip.version == 4 else icmpv6.PROTOCOL
        return packet.ethernet.emit(_plain(ip, protocol).emit(payload))

    def _header(self, frame: bytes, packet: Packet) -> bytes:
        """Something of IP."""
        ip, chance = packet.ip, self._random
        if ip is None or packet.ethernet is None:
            return self._some_bytes(frame, packet)
        payload = _transport(packet, ip)
        offset = 8 * chance.randrange(4)
        more, number = chance.random() < 0.5, chance.getrandbits(4)
        changed: Ipv4 | Ipv6
        if isinstance(ip, Ipv4):
            changed = chance.choice(
                (
                    replace(ip, ttl=chance.randrange(3)),
                    replace(ip, ecn=3),
                    replace(ip, options=chance.randbytes(4 * chance.randrange(1, 11))),
                    replace(ip, protocol=chance.getrandbits(8)),
                    replace(ip, dont_fragment=False, more_fragments=more, fragment_offset=offset,
                            identification=number),
                )
            )  # fmt: skip
        else:
            kind = chance.choice((0, 43, 44, 60, 135))
            body = chance.randbytes(chance.choice((6, 6, 14)))
            changed = chance.choice(
                (
                    replace(ip, hop_limit=chance.randrange(3)),
                    replace(ip, traffic_class=3),
                    replace(ip, extensions=(ExtensionHeader(kind, body),)),
                    replace(ip, protocol=chance.getrandbits(8)),
                )
            )
        return packet.ethernet.emit(changed.emit(payload))

    def _segment(self, frame: bytes, packet: Packet) -> bytes:
        """Something of TCP."""
        ip, header, ethernet, chance = packet.ip, packet.tcp, packet.ethernet, self._random
        if ip is None or header is None or ethernet is None:
            return self._some_bytes(frame, packet)
        payload = packet.payload
        if chance.random() < 0.2:
            payload = chance.choice((b"", payload[: len(payload) // 2], payload + b"?" * 100))
        for _ in range(chance.choice((1, 1, 2, 3))):
            header = self._changed(header)
        return _emit(ethernet, ip, header, payload)

    def _changed(self, header: Tcp) -> Tcp:
        chance = self._random
        flags = int(header.flags)
        return chance.choice(
            (
                lambda: replace(header, flags=FLAGS[flags ^ 1 << chance.randrange(8)]),
                lambda: replace(header, flags=FLAGS[chance.getrandbits(8)]),
                lambda: replace(header, sequence=self._near(header.sequence)),
                lambda: replace(header, acknowledgment=self._near(header.acknowledgment)),
                lambda: replace(header, window=chance.choice((0, 0, 1, 100, 65535))),
                lambda: replace(header, urgent_pointer=chance.getrandbits(16)),
                lambda: replace(header, options=self._options(header)),
            )
        )()

    def _near(self, number: int) -> int:
        chance = self._random
        steps = (1, 2, 100, 1460, 10_000, 100_000, 1 << 30, 1 << 31)
        return (number + chance.choice((-1, 1)) * chance.choice(steps)) % _MODULO

    def _options(self, header: Tcp) -> tuple[Option, ...]:
        """Such as a peer might send, with numbers near those that it has heard of."""
        chance, ack = self._random, header.acknowledgment
        stamps = header.option(Timestamps) or Timestamps(0, 0)
        edges = sorted(self._near(ack) for _ in range(2 * chance.randrange(1, 4)))
        if chance.random() < 0.5:
            edges = [self._near(ack) for _ in edges]
        some: tuple[Option, ...] = (
            Sack(tuple(zip(edges[::2], edges[1::2], strict=True))),
            Timestamps(self._near(stamps.value), self._near(stamps.echo_reply)),
            stamps,
            MaximumSegmentSize(chance.choice((0, 1, 40, 88, 1460, 65535))),
            WindowScale(chance.choice((0, 1, 14, 15, 255))),
            SackPermitted(),
            UnknownOption(chance.choice((19, 28, 29, 34, 253)), chance.randbytes(4)),
            MalformedOption(b"\x08\x03\x00", ""),
        )
        chosen: list[Option] = []
        for option in chance.sample(some, chance.randrange(4)):
            if sum(len(each.emit()) for each in (*chosen, option)) <= 40:
                chosen.append(option)
        return tuple(chosen)


def _plain(ip: Ipv4 | Ipv6, protocol: int) -> Ipv4 | Ipv6:
    if isinstance(ip, Ipv4):
        return Ipv4(ip.source, ip.destination, protocol)
    return Ipv6(ip.source, ip.destination, protocol)


def _transport(packet: Packet, ip: Ipv4 | Ipv6) -> bytes:
    """What follows the header of IP, made anew."""
    ends = ip.source, ip.destination
    if packet.tcp:
        return packet.tcp.emit(packet.payload, *ends)
    if packet.udp:
        return packet.udp.emit(packet.payload, *ends)
    if packet.icmp:
        return packet.icmp.emit(packet.payload)
    if packet.icmpv6:
        return packet.icmpv6.emit(packet.payload, *ends)
    return packet.payload


def _emit(ethernet: Ethernet, ip: Ipv4 | Ipv6, header: Tcp, payload: bytes) -> bytes:
    return ethernet.emit(ip.emit(header.emit(payload, ip.source, ip.destination)))
