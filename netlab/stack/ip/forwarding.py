"""What a router does with other hosts' datagrams (RFC 1812, 5.2 and 5.3; RFC 8200; RFC 4443)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from netlab.stack.ip import addresses, options
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import IpHeader, Outbound, Received
from netlab.stack.ip.filters import Filters
from netlab.stack.ip.fragments import fragment_ipv4
from netlab.stack.ip.offload import cut_up, transport_header
from netlab.stack.ip.refused import Refused
from netlab.stack.ip.sending import Sender, Way
from netlab.wire import icmp, icmpv6
from netlab.wire.icmp_error import IcmpError
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6

_TIME_EXCEEDED_V4 = IcmpError(icmp.Type.TIME_EXCEEDED, 0)
_TIME_EXCEEDED_V6 = IcmpError(icmpv6.Type.TIME_EXCEEDED, 0)
_NO_ROUTE_V4 = IcmpError(icmp.Type.DESTINATION_UNREACHABLE, icmp.Unreachable.NET)
_NO_ROUTE_V6 = IcmpError(icmpv6.Type.DESTINATION_UNREACHABLE, icmpv6.Unreachable.NO_ROUTE)
_BEYOND_SCOPE = IcmpError(icmpv6.Type.DESTINATION_UNREACHABLE, icmpv6.Unreachable.BEYOND_SCOPE)


class Forwarder:
    def __init__(self, sender: Sender, counters: Counter[Counted], filters: Filters) -> None:
        self._sender = sender
        self._filters = filters
        self._counters = counters

    def forward(self, now: int, received: Received) -> Way:
        """Pass a datagram on, and say where to. Raises Refused with what its source is told."""
        ip = received.ip
        if received.is_for_many or not addresses.may_be_source(ip.source):
            raise Refused(Counted.IN_ADDRESS_ERRORS)
        if addresses.is_link_local(ip.destination):
            raise Refused(Counted.IN_ADDRESS_ERRORS)
        return (
            self._forward_v4(now, received, ip)
            if isinstance(ip, Ipv4)
            else self._forward_v6(now, received, ip)
        )

    def _forward_v4(self, now: int, received: Received, ip: Ipv4) -> Way:
        if ip.ttl <= 1:
            raise Refused(Counted.IN_HEADER_ERRORS, _TIME_EXCEEDED_V4)
        way = self._way(ip.destination, _NO_ROUTE_V4)
        lowered = replace(ip, ttl=ip.ttl - 1)
        if ip.options:
            lowered = replace(lowered, options=self._recorded(now, ip.options, way))
        mtu = _mtu(way, ip.destination)
        if not _fits(received, mtu):
            raise _too_big(ip, mtu)
        payload = bytes(received.payload)
        if self._filters.forward:
            self._filter(now, received, lowered.emit(payload))
        if received.segmentation is not None:
            self._pass_on_uncut(now, received, lowered, way)
        elif ip.total_length <= mtu:
            self._pass_on(now, way, Outbound(lowered.emit_header(len(payload)), payload))
        else:
            self._counters[Counted.FRAGMENTED] += 1
            for header, data in fragment_ipv4(lowered, payload, mtu):
                self._counters[Counted.FRAGMENTS_CREATED] += 1
                self._pass_on(now, way, Outbound(header.emit_header(len(data)), data))
        self._counters[Counted.FORWARDED] += 1
        return way

    def _forward_v6(self, now: int, received: Received, ip: Ipv6) -> Way:
        if ip.hop_limit <= 1:
            raise Refused(Counted.IN_HEADER_ERRORS, _TIME_EXCEEDED_V6)
        way = self._way(ip.destination, _NO_ROUTE_V6)
        if addresses.is_link_local(ip.source) and way.interface is not received.interface:
            raise Refused(Counted.IN_ADDRESS_ERRORS, _BEYOND_SCOPE)  # RFC 4291, 2.5.6
        mtu = _mtu(way, ip.destination)
        if not _fits(received, mtu):
            raise _too_big(ip, mtu)
        lowered = bytearray(received.datagram)
        lowered[7] -= 1  # the hop limit; all the rest stays as it came, options and all
        datagram = bytes(lowered)
        if self._filters.forward:
            self._filter(now, received, datagram)
        if received.segmentation is not None:
            self._pass_on_uncut(now, received, replace(ip, hop_limit=ip.hop_limit - 1), way)
        else:
            self._pass_on(now, way, Outbound(datagram))
        self._counters[Counted.FORWARDED] += 1
        return way

    def _filter(self, now: int, received: Received, datagram: bytes) -> None:
        """A filter sees the ``datagram`` that is to leave. Raises Refused."""
        self._filters.check_in(now, self._filters.forward, replace(received, datagram=datagram))

    def _pass_on_uncut(self, now: int, received: Received, ip: IpHeader, way: Way) -> None:
        """What came in one piece goes on in one if the next interface cuts, else it is cut here."""
        payload, left = bytes(received.payload), received.segmentation
        assert left is not None
        if way.interface.segments:
            self._pass_on(now, way, Outbound(ip.emit_header(len(payload)), payload, left))
            return
        for piece in cut_up(ip, payload, left):
            self._pass_on(now, way, piece)

    def _recorded(self, now: int, of: bytes, way: Way) -> bytes:
        try:
            return options.passed_on(now, of, self._sender.source_on(way))
        except OSError:
            return of  # a router without an address has nothing to record

    def _way(self, destination: bytes, error: IcmpError) -> Way:
        try:
            return self._sender.way(destination)
        except OSError:
            raise Refused(Counted.IN_NO_ROUTES, error) from None

    def _pass_on(self, now: int, way: Way, outbound: Outbound) -> None:
        try:
            self._sender.pass_on(now, way.interface, way.next_hop, outbound)
        except OSError:
            raise Refused(Counted.OUT_DISCARDS) from None


def _mtu(way: Way, destination: bytes) -> int:
    """What the next link carries; what is known of paths is for sources alone."""
    mtu = way.interface.mtu_for(destination)
    return mtu if way.route is None or way.route.mtu is None else min(way.route.mtu, mtu)


def _fits(received: Received, mtu: int) -> bool:
    """Whether a datagram can go on: whole, in fragments, or in pieces that are yet to be cut."""
    ip, left = received.ip, received.segmentation
    if left is None:
        return ip.total_length <= mtu or (isinstance(ip, Ipv4) and not ip.dont_fragment)
    length = len(received.payload)
    piece = transport_header(bytes(received.payload), left) + (left.size or length)
    return ip.header_length + min(piece, length) <= mtu


def _too_big(ip: IpHeader, mtu: int) -> Refused:
    if isinstance(ip, Ipv4):
        code = icmp.Unreachable.FRAGMENTATION_NEEDED
        error = IcmpError(icmp.Type.DESTINATION_UNREACHABLE, code, mtu)
    else:
        error = IcmpError(icmpv6.Type.PACKET_TOO_BIG, 0, mtu)
    return Refused(Counted.FRAGMENTS_REFUSED, error)
