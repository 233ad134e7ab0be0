"""ICMP errors that this host sends (RFC 1812, 4.3.2; RFC 4443, 2.4)."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from netlab.stack.ip import addresses
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Buffer, IpHeader
from netlab.stack.ip.filters import Stopped
from netlab.stack.ip.sending import Sender
from netlab.stack.units import SECOND
from netlab.wire import icmp, icmpv6
from netlab.wire.icmp_error import IcmpError, may_be_about
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import Packet, decode_ip

#: As Linux has them: net.ipv4.icmp_msgs_per_sec, icmp_msgs_burst, and one a second to each host
#: with bursts of six (icmp_ratelimit).
ALL_HOSTS_RATE, ALL_HOSTS_BURST = 1000, 50
ONE_HOST_RATE, ONE_HOST_BURST = 1, 6
#: Hosts whose share is remembered.
MAX_HOSTS = 1024

#: RFC 1812, 4.3.2.5: errors have the precedence of internetwork control.
_INTERNETWORK_CONTROL = 48


@dataclass(slots=True)
class TokenBucket:
    """``rate`` tokens a second, ``burst`` at most."""

    rate: int
    burst: int
    tokens: float
    at: int

    def take(self, now: int) -> bool:
        passed = max(now - self.at, 0)
        self.tokens = min(self.burst, self.tokens + passed * self.rate / SECOND)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class RateLimits:
    """RFC 1812, 4.3.2.8, and RFC 4443, 2.4 (f). Path MTU discovery is never kept waiting."""

    __slots__ = ("_all", "_counters", "_hosts")

    def __init__(self, counters: Counter[Counted]) -> None:
        self._all = TokenBucket(ALL_HOSTS_RATE, ALL_HOSTS_BURST, ALL_HOSTS_BURST, 0)
        self._hosts: dict[bytes, TokenBucket] = {}
        self._counters = counters

    def allow(self, now: int, host: bytes, error: IcmpError) -> bool:
        if _is_about_size(host, error):
            return True
        if not self._bucket(now, host).take(now):
            self._counters[Counted.ICMP_OUT_LIMITED_HOST] += 1
            return False
        if not self._all.take(now):
            self._counters[Counted.ICMP_OUT_LIMITED] += 1
            return False
        return True

    def _bucket(self, now: int, host: bytes) -> TokenBucket:
        bucket = self._hosts.pop(host, None)
        if bucket is None:
            if len(self._hosts) >= MAX_HOSTS:
                del self._hosts[next(iter(self._hosts))]
            bucket = TokenBucket(ONE_HOST_RATE, ONE_HOST_BURST, ONE_HOST_BURST, now)
        self._hosts[host] = bucket  # the last of the dict is the last one used
        return bucket


class ErrorSender:
    def __init__(self, sender: Sender, counters: Counter[Counted]) -> None:
        self._sender = sender
        self._counters = counters
        self.limits = RateLimits(counters)

    def send(
        self,
        now: int,
        error: IcmpError,
        datagram: Buffer,
        *,
        interface: str | None = None,
        is_for_many: bool = False,
    ) -> None:
        """Tell the source of ``datagram``, which came in by ``interface``, unless none may be told.

        ``is_for_many``: it came to more than one host.
        """
        packet = decode_ip(bytes(datagram[:1500]), quoted=True)
        ip = _may_be_told(packet, error, is_for_many=is_for_many)
        if ip is not None and self.limits.allow(now, ip.source, error):
            self._tell(now, error, bytes(datagram), ip, interface)

    def reject(self, now: int, error: IcmpError, stopped: Stopped) -> None:
        """Tell the source of what a filter has stopped, however often it tries."""
        ip = _may_be_told(stopped.packet, error, is_for_many=stopped.is_for_many)
        if ip is not None:
            self._tell(now, error, stopped.datagram, ip, stopped.interface)

    def _tell(
        self, now: int, error: IcmpError, datagram: bytes, ip: IpHeader, interface: str | None
    ) -> None:
        with suppress(OSError):  # the source cannot be reached either
            self._send(now, error, datagram, ip, interface)

    def _source(self, ip: IpHeader, interface: str | None, scope: str | None) -> bytes:
        """Linux takes one of the way out for IPv4, for IPv6 one of where the datagram came in."""
        if ip.destination in self._sender.own:
            return ip.destination
        if isinstance(ip, Ipv4) or interface is None:
            return self._sender.source_for(ip.source, scope)
        return self._sender.source_at(interface, ip.source)

    def _send(
        self, now: int, error: IcmpError, datagram: bytes, ip: IpHeader, interface: str | None
    ) -> None:
        scope = interface if addresses.is_link_local(ip.source) else None
        source = self._source(ip, interface, scope)
        message = error.about(datagram, source, ip.source)
        header: IpHeader
        if isinstance(ip, Ipv4):
            header = Ipv4(source, ip.source, icmp.PROTOCOL, dscp=_INTERNETWORK_CONTROL)
        else:
            label = self._sender.flow_labels.of(source, ip.source, icmpv6.PROTOCOL)
            header = Ipv6(source, ip.source, icmpv6.PROTOCOL, flow_label=label)
        self._counters[Counted.ICMP_OUT] += 1
        self._sender.send(now, header, message, interface=scope)


def _may_be_told(packet: Packet, error: IcmpError, *, is_for_many: bool) -> IpHeader | None:
    """The header of a packet whose source may hear of the error."""
    ip = packet.ip
    if ip is None or not addresses.may_be_source(ip.source):
        return None
    return ip if may_be_about(packet, error, is_for_many=is_for_many) else None


def _is_about_size(host: bytes, error: IcmpError) -> bool:
    if len(host) == 16:
        return error.type == icmpv6.Type.PACKET_TOO_BIG
    return (error.type, error.code) == (
        icmp.Type.DESTINATION_UNREACHABLE,
        icmp.Unreachable.FRAGMENTATION_NEEDED,
    )
