"""A decoded frame: its headers, outermost first, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.wire import arp as arp_format
from netlab.wire import checksum as internet
from netlab.wire import ethernet as ethernet_format
from netlab.wire import icmp as icmp_format
from netlab.wire import icmpv6 as icmpv6_format
from netlab.wire import ipv4 as ipv4_format
from netlab.wire import ipv6 as ipv6_format
from netlab.wire import tcp as tcp_format
from netlab.wire import udp as udp_format
from netlab.wire.arp import Arp
from netlab.wire.errors import ParseError
from netlab.wire.ethernet import Ethernet
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.tcp import Tcp
from netlab.wire.udp import Udp


@dataclass(frozen=True, slots=True)
class Packet:
    """``length`` is bytes on the wire; ``payload`` what follows the innermost decoded header.

    ``problems`` are sentences such as ``tcp checksum is 0x1234, should be 0xabcd``. ``quoted`` is
    the packet inside an ICMP error. The payload of an Ethernet frame leaves its padding out.
    ``damaged``: a checksum is wrong, so that nobody takes the packet.
    """

    length: int
    ethernet: Ethernet | None = None
    arp: Arp | None = None
    ip: Ipv4 | Ipv6 | None = None
    icmp: Icmp | None = None
    icmpv6: Icmpv6 | None = None
    udp: Udp | None = None
    tcp: Tcp | None = None
    payload: bytes = b""
    quoted: Packet | None = None
    problems: tuple[str, ...] = ()
    damaged: bool = False


def decode(frame: bytes, *, length: int | None = None, verify: bool = True) -> Packet:
    """The packet in an Ethernet frame. Never raises: what is wrong becomes ``problems``.

    ``length`` is what was on the wire if the capture cut the frame short. Checksums are verified
    when the whole datagram is there; ``verify=False`` is for interfaces that leave them to the
    hardware. A fragment that is not the first has no transport header, and an upper-layer
    protocol without a decoder stays in ``payload``; neither is a problem.
    """
    captured = len(frame)
    length = captured if length is None else length
    try:
        ethernet, offset = ethernet_format.parse(frame)
    except ParseError as error:
        return Packet(length, payload=frame, problems=(str(error),))
    if ethernet.ethertype in _IP_ETHERTYPES:
        return _Datagram(
            frame, offset, length, ethernet, cut=captured < length, verify=verify
        ).decode()
    if ethernet.ethertype != arp_format.ETHERTYPE:
        return Packet(length, ethernet, payload=frame[offset:])
    try:
        arp, _ = arp_format.parse(frame, offset)
    except ParseError as error:
        return Packet(length, ethernet, payload=frame[offset:], problems=(str(error),))
    return Packet(length, ethernet, arp)


def decode_ip(datagram: bytes, *, quoted: bool = False, verify: bool = True) -> Packet:
    """The packet in an IP datagram; never raises. ``verify=False`` as for ``decode``.

    A ``quoted`` datagram may end anywhere, and its checksums are not verified: routers on its way
    have changed it. Of a TCP header cut short, the ports and the sequence number are decoded and
    the other fields are zero.
    """
    verify = verify and not quoted
    return _Datagram(
        datagram, 0, len(datagram), None, cut=quoted, verify=verify, quoted=quoted
    ).decode()


_IP_ETHERTYPES = frozenset({ipv4_format.ETHERTYPE, ipv6_format.ETHERTYPE})


class _Datagram:
    """One IP datagram while it is decoded: ``buffer`` from ``offset`` up to ``end`` is left."""

    __slots__ = (
        "buffer",
        "cut",
        "damaged",
        "end",
        "ethernet",
        "ip",
        "length",
        "offset",
        "problems",
        "quoted",
        "verify",
    )

    def __init__(
        self,
        buffer: bytes,
        offset: int,
        length: int,
        ethernet: Ethernet | None,
        *,
        cut: bool,
        verify: bool,
        quoted: bool = False,
    ) -> None:
        self.buffer = buffer
        self.offset = offset
        self.end = len(buffer)
        self.length = length
        self.ethernet = ethernet
        self.ip: Ipv4 | Ipv6 | None = None
        self.cut = cut
        self.verify = verify and not cut
        self.quoted = quoted
        self.problems: list[str] = []
        self.damaged = False

    def decode(self) -> Packet:
        try:
            ip = self._network()
            if ip.fragment_offset == 0:
                protocol = ip.protocol
                if protocol == tcp_format.PROTOCOL:
                    return self._tcp(ip)
                if protocol == udp_format.PROTOCOL:
                    return self._udp(ip)
                if protocol == icmp_format.PROTOCOL and isinstance(ip, Ipv4):
                    return self._icmp()
                if protocol == icmpv6_format.PROTOCOL and isinstance(ip, Ipv6):
                    return self._icmpv6(ip)
        except ParseError as error:
            self.problems.append(str(error))
        return self._packet()

    def _network(self) -> Ipv4 | Ipv6:
        buffer, start = self.buffer, self.offset
        ip: Ipv4 | Ipv6
        if self._is_ipv6():
            ip, self.offset = ipv6_format.parse(buffer, start)
        else:
            ip, self.offset = ipv4_format.parse(buffer, start)
            if self.verify and not internet.is_valid(
                int.from_bytes(buffer[start : self.offset], "big")
            ):
                self._blame("ipv4 header", buffer[start : self.offset], 0, ip.checksum)
        self.ip = ip
        end = start + ip.total_length
        if end <= self.end:
            self.end = end
        elif not self.cut:
            self.problems.append(
                f"ip total length is {ip.total_length}, there are {self.end - start} bytes"
            )
            self.cut = True
        self.verify = self.verify and not self.cut and not ip.is_fragment
        return ip

    def _is_ipv6(self) -> bool:
        if self.ethernet is not None:
            return self.ethernet.ethertype == ipv6_format.ETHERTYPE
        return self.offset < self.end and self.buffer[self.offset] >> 4 == 6

    def _tcp(self, ip: Ipv4 | Ipv6) -> Packet:
        start, end = self.offset, self.end
        if self.quoted and end - start < tcp_format.MIN_HEADER_LENGTH:
            tcp, self.offset = tcp_format.parse_quoted(self.buffer, start, end)
            return self._packet(tcp=tcp)
        tcp, self.offset = tcp_format.parse(self.buffer, start, end)
        if tcp.options:
            self.problems.extend(tcp.problems)
        if self.verify:
            self._verify("tcp", ip, start, tcp_format.PROTOCOL, tcp.checksum)
        return self._packet(tcp=tcp)

    def _udp(self, ip: Ipv4 | Ipv6) -> Packet:
        start = self.offset
        udp, self.offset = udp_format.parse(self.buffer, start, self.end)
        if udp.length <= self.end - start:
            self.end = start + udp.length
        elif not (self.cut or ip.is_fragment):
            self.problems.append(f"udp length is {udp.length}, there are {self.end - start} bytes")
            self.verify = False
        if udp.checksum != 0:
            if self.verify:
                self._verify("udp", ip, start, udp_format.PROTOCOL, udp.checksum)
        elif isinstance(ip, Ipv6) and not self.quoted:
            # RFC 8200, 8.1: over IPv6 the checksum is not optional.
            self.problems.append("udp checksum is missing, which IPv6 does not allow")
        return self._packet(udp=udp)

    def _icmp(self) -> Packet:
        start = self.offset
        icmp, self.offset = icmp_format.parse(self.buffer, start, self.end)
        if self.verify:
            message = self.buffer[start : self.end]
            if not internet.is_valid(internet.raw_sum(message)):
                self._blame("icmp", message, 0, icmp.checksum)
        quoted = self._quote(icmp.quote_length) if icmp.is_error else None
        return self._packet(icmp=icmp, quoted=quoted)

    def _icmpv6(self, ip: Ipv6) -> Packet:
        start = self.offset
        icmpv6, self.offset = icmpv6_format.parse(self.buffer, start, self.end)
        if self.verify:
            self._verify("icmpv6", ip, start, icmpv6_format.PROTOCOL, icmpv6.checksum)
        quoted = self._quote(icmpv6.quote_length) if icmpv6.is_error else None
        return self._packet(icmpv6=icmpv6, quoted=quoted)

    def _quote(self, length: int | None) -> Packet | None:
        """The packet an error quotes; a quote inside a quote stays bytes, so this ends."""
        if self.quoted or self.offset == self.end:
            return None
        end = self.end if length is None else min(self.end, self.offset + length)
        return decode_ip(self.buffer[self.offset : end], quoted=True)

    def _verify(self, name: str, ip: Ipv4 | Ipv6, start: int, protocol: int, checksum: int) -> None:
        message = self.buffer[start : self.end]
        pseudo = internet.pseudo_header(ip.source, ip.destination, protocol, len(message))
        if not internet.is_valid(internet.raw_sum(message) + pseudo):
            self._blame(name, message, pseudo, checksum)

    def _blame(self, name: str, message: bytes, pseudo: int, checksum: int) -> None:
        expected = internet.finish(internet.raw_sum(message) + pseudo - checksum)
        if name == "udp":
            expected = expected or 0xFFFF
        self.damaged = True
        self.problems.append(f"{name} checksum is 0x{checksum:04x}, should be 0x{expected:04x}")

    def _packet(
        self,
        *,
        icmp: Icmp | None = None,
        icmpv6: Icmpv6 | None = None,
        udp: Udp | None = None,
        tcp: Tcp | None = None,
        quoted: Packet | None = None,
    ) -> Packet:
        return Packet(
            self.length,
            self.ethernet,
            None,
            self.ip,
            icmp,
            icmpv6,
            udp,
            tcp,
            self.buffer[self.offset : self.end],
            quoted,
            tuple(self.problems),
            self.damaged,
        )
