"""Frames for a host that are nearly right: made, then damaged, their checksums often mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from netlab.testing.datagrams import make
from netlab.wire import arp, icmp, icmpv6, ipv4, ipv6
from netlab.wire import checksum as internet
from netlab.wire.arp import Arp
from netlab.wire.ethernet import BROADCAST, HEADER_LENGTH, Ethernet
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6, NdOption
from netlab.wire.ipv6 import ExtensionHeader, Ipv6
from netlab.wire.tcp import FLAGS, Tcp
from netlab.wire.tcp_options import MaximumSegmentSize, SackPermitted, Timestamps, WindowScale
from netlab.wire.udp import Udp

_TRANSPORTS = {1: 2, 6: 16, 17: 6, 58: 2}


class Mutator:
    """``macs`` and ``addresses`` are what frames are sent to and come from; theirs come first."""

    def __init__(
        self, random: Random, macs: list[bytes], addresses: list[bytes], ports: list[int]
    ) -> None:
        self._random = random
        self._macs = macs
        self._v4 = [a for a in addresses if len(a) == 4]
        self._v6 = [a for a in addresses if len(a) == 16]
        self._ports = ports
        self._makers: tuple[Callable[[], bytes], ...] = (
            self._arp,
            self._fragment,
            self._extended,
            *[self._transport] * 5,
            self._message,
            self._message,
        )

    def frames(self, count: int) -> Iterator[bytes]:
        """``count`` frames, of which some are whole, and some pure noise."""
        for _ in range(count):
            yield self._one()

    def _one(self) -> bytes:
        chance = self._random
        frame = chance.choice(self._makers)()
        if chance.random() < 0.3:
            return frame
        if chance.random() < 0.05:
            return frame[: chance.randrange(len(frame) + 1)]
        damaged = bytearray(frame)
        for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
            damaged[chance.randrange(12, len(damaged))] = chance.choice(
                (0, 1, 255, chance.getrandbits(8))
            )
        if chance.random() < 0.1:
            damaged[: len(damaged) // 2] = chance.randbytes(len(damaged) // 2)
        return mended(bytes(damaged)) if chance.random() < 0.9 else bytes(damaged)

    def _ethernet(self, kind: int, payload: bytes) -> bytes:
        chance = self._random
        to = chance.choice([*self._macs, BROADCAST]) if chance.random() < 0.3 else self._macs[0]
        return Ethernet(to, chance.choice(self._macs[1:]), kind).emit(payload)

    def _pair(self) -> tuple[bytes, bytes]:
        """A source and a destination of one version, mostly to the host itself."""
        chance = self._random
        of = self._v4 if chance.random() < 0.5 else self._v6
        to = of[0] if chance.random() < 0.8 else chance.choice(of)
        return chance.choice(of[1:]), to

    def _data(self) -> bytes:
        return self._random.randbytes(self._random.choice((0, 1, 7, 8, 20, 100, 600, 1400)))

    def _arp(self) -> bytes:
        chance = self._random
        packet = Arp(
            chance.choice((1, 1, 2, 2, 3)),
            chance.choice(self._macs),
            chance.choice([*self._v4, bytes(4)]),
            chance.choice(self._macs),
            chance.choice(self._v4),
        )
        return self._ethernet(arp.ETHERTYPE, packet.emit())

    def _transport(self) -> bytes:
        source, destination = self._pair()
        datagram = make(self._header(), self._data(), source, destination)
        return self._datagram(datagram.emit())

    def _datagram(self, datagram: bytes) -> bytes:
        kind = ipv4.ETHERTYPE if datagram[0] >> 4 == 4 else ipv6.ETHERTYPE
        return self._ethernet(kind, datagram)

    def _header(self) -> Tcp | Udp:
        chance = self._random
        ports = chance.choice(self._ports), chance.choice(self._ports)
        if chance.random() < 0.5:
            return Udp(*ports)
        options = (
            MaximumSegmentSize(chance.getrandbits(16)),
            SackPermitted(),
            Timestamps(1, 2),
            WindowScale(7),
        )
        return Tcp(
            *ports,
            chance.getrandbits(32),
            chance.getrandbits(32),
            FLAGS[chance.choice((2, 16, 18, 17, 4, 20, chance.getrandbits(8)))],
            chance.getrandbits(16),
            options=options[: chance.randrange(5)],
        )

    def _message(self) -> bytes:
        """An ICMP message of any type, often with something to quote."""
        chance = self._random
        source, destination = self._pair()
        quoted = make(self._header(), self._data(), destination, source).emit()
        rest = chance.choice((bytes(4), bytes((0, 0, 5, 0)), chance.randbytes(4)))
        header: Icmp | Icmpv6
        if len(source) == 4:
            header = Icmp(chance.choice((0, 3, 3, 5, 8, 11, 12, 13)), chance.randrange(5), rest)
            return self._datagram(make(header, quoted, source, destination).emit())
        kind = chance.choice((1, 2, 3, 4, 128, *range(130, 138), 143))
        if kind < 130:
            header = Icmpv6(kind, chance.randrange(5), rest)
            return self._datagram(make(header, quoted, source, destination).emit())
        body = chance.choice(self._v6) * chance.randrange(1, 3) + self._nd_options()
        message = Icmpv6(kind, 0, rest, body).emit(b"", source, destination)
        return self._datagram(Ipv6(source, destination, icmpv6.PROTOCOL, 255).emit(message))

    def _nd_options(self) -> bytes:
        chance = self._random
        kinds = ((1, 6), (2, 6), (3, 30), (5, 6), (25, 22))
        chosen = chance.choices(kinds, k=chance.randrange(3))
        return b"".join(NdOption(kind, chance.randbytes(size)).emit() for kind, size in chosen)

    def _fragment(self) -> bytes:
        chance = self._random
        source, destination = self._pair()
        whole = make(self._header(), self._data() * 3, source, destination, dont_fragment=False)
        return self._datagram(chance.choice([p.emit() for p in whole.pieces(600, is_source=True)]))

    def _extended(self) -> bytes:
        chance = self._random
        source, destination = chance.choice(self._v6[1:]), self._v6[0]
        kinds = chance.choices((0, 43, 44, 60), k=chance.randrange(1, 4))
        bodies = (bytes(6), b"\x01\x04" + bytes(4), chance.randbytes(6), chance.randbytes(14))
        chain = tuple(
            ExtensionHeader(kind, chance.choice(bodies[:3] if kind == 44 else bodies))
            for kind in kinds
        )
        message = self._header().emit(self._data(), source, destination)
        return self._datagram(Ipv6(source, destination, 17, extensions=chain).emit(message))


def mended(frame: bytes) -> bytes:
    """The frame with its IP and transport checksums right, where it still looks like one."""
    start = HEADER_LENGTH
    if len(frame) < start + 40:
        return frame
    out = bytearray(frame)
    version = frame[start] >> 4
    if version == 4:
        size = (frame[start] & 15) * 4
        if not 20 <= size <= len(frame) - start:
            return frame
        out[start + 10 : start + 12] = bytes(2)
        header = internet.checksum(bytes(out[start : start + size]))
        out[start + 10 : start + 12] = header.to_bytes(2, "big")
        end = start + int.from_bytes(frame[start + 2 : start + 4], "big")
        protocol, payload, addresses = frame[start + 9], start + size, out[start + 12 : start + 20]
    elif version == 6:
        end = start + 40 + int.from_bytes(frame[start + 4 : start + 6], "big")
        protocol, payload, addresses = frame[start + 6], start + 40, out[start + 8 : start + 40]
    else:
        return frame
    at = _TRANSPORTS.get(protocol)
    if at is not None and payload + at + 2 <= end <= len(out):
        half = len(addresses) // 2
        out[payload + at : payload + at + 2] = bytes(2)
        message = bytes(out[payload:end])
        pseudo = internet.pseudo_header(
            bytes(addresses[:half]), bytes(addresses[half:]), protocol, len(message)
        )
        value = internet.checksum(message, 0 if protocol == icmp.PROTOCOL else pseudo)
        out[payload + at : payload + at + 2] = value.to_bytes(2, "big")
    return bytes(out)
