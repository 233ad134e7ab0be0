"""Raw sockets: what a host receives of one protocol, ICMP above all, and datagrams of any kind.

They see copies; the host answers and acts all the same. ICMPv6 is summed up for the program (RFC
3542, 3.1), other protocols are not. Whole datagrams, header and all, are sent without a socket.
"""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from netlab.stack.failure import failure
from netlab.stack.ip import addresses
from netlab.stack.ip.datagram import Buffer, IpHeader, Received
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.ip.events import RawReady
from netlab.stack.ip.layer import Ip
from netlab.stack.ip.sending import Sender
from netlab.wire import checksum as internet
from netlab.wire import icmpv6, ipv4, ipv6
from netlab.wire.errors import ParseError
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6

#: As Linux' net.core.rmem_default, and what each datagram costs beyond its bytes.
RECEIVE_BUFFER = 212_992
_OVERHEAD = 256


@dataclass(frozen=True, slots=True)
class RawDatagram:
    """``ip`` is its header, ``payload`` all that follows it."""

    ip: IpHeader
    payload: bytes
    interface: str


class RawSocket:
    """``accepts`` chooses among what comes, as an ICMP filter does. A full buffer drops."""

    __slots__ = (
        "_ip",
        "_queued",
        "_waiting",
        "accepts",
        "dropped",
        "is_closed",
        "multicast_hop_limit",
        "multicast_interface",
        "protocol",
        "size",
    )

    def __init__(self, ip: Ip, protocol: int, *, v6: bool = False) -> None:
        self._ip = ip
        self.protocol = protocol
        self.size = 16 if v6 else 4
        self.accepts: Callable[[RawDatagram], bool] = lambda _: True
        self.dropped = 0
        self.multicast_hop_limit = 1
        self.multicast_interface: str | None = None
        self.is_closed = False
        self._waiting: deque[RawDatagram] = deque()
        self._queued = 0
        ip.observers.setdefault(protocol, []).append(self._take)

    @property
    def is_readable(self) -> bool:
        return bool(self._waiting)

    def send(
        self,
        now: int,
        payload: Buffer,
        destination: bytes,
        *,
        hop_limit: int | None = None,
        traffic_class: int = 0,
        discovery: PathMtuDiscovery = PathMtuDiscovery.WANT,
        source: bytes | None = None,
        interface: str | None = None,
    ) -> None:
        """OSError: EAFNOSUPPORT, and as Sender.send."""
        self._check_open()
        if len(destination) != self.size:
            raise failure(errno.EAFNOSUPPORT)
        sender = self._ip.sender
        if addresses.is_multicast(destination):
            interface = interface or self.multicast_interface
            hop_limit = hop_limit or self.multicast_hop_limit
        source = source or sender.source_for(destination, interface)
        if hop_limit is None:
            hop_limit = sender.hop_limit(destination, interface)
        ip: IpHeader
        if self.size == 4:
            ip = Ipv4(
                source,
                destination,
                self.protocol,
                hop_limit,
                dont_fragment=discovery.sets_df(sender, destination, 20 + len(payload), interface),
                dscp=traffic_class >> 2,
                ecn=traffic_class & 3,
            )
        else:
            label = sender.flow_labels.of(source, destination, self.protocol)
            ip = Ipv6(source, destination, self.protocol, hop_limit, traffic_class, label)
            if self.protocol == icmpv6.PROTOCOL:
                payload = _summed(bytes(payload), source, destination)
        sender.send(
            now,
            ip,
            payload,
            interface=interface,
            may_fragment=discovery.may_fragment,
            ignore_path_mtu=discovery.ignores_path,
        )

    def receive(self) -> RawDatagram | None:
        """OSError(EBADF) when it is closed."""
        self._check_open()
        if not self._waiting:
            return None
        datagram = self._waiting.popleft()
        self._queued -= len(datagram.payload) + _OVERHEAD
        return datagram

    def close(self) -> None:
        watching = self._ip.observers.get(self.protocol, [])
        if self._take in watching:
            watching.remove(self._take)
            if not watching:
                del self._ip.observers[self.protocol]
        self._waiting.clear()
        self.is_closed = True

    def _check_open(self) -> None:
        if self.is_closed:
            raise failure(errno.EBADF)

    def _take(self, received: Received) -> None:
        if len(received.ip.destination) != self.size:
            return
        datagram = RawDatagram(received.ip, bytes(received.payload), received.interface.name)
        if not self.accepts(datagram):
            return
        cost = len(datagram.payload) + _OVERHEAD
        if self._queued + cost > RECEIVE_BUFFER:
            self.dropped += 1
            return
        if not self._waiting:
            self._ip.events.append(RawReady(self))
        self._queued += cost
        self._waiting.append(datagram)


def send_packet(
    ip: Ip, now: int, packet: bytes, destination: bytes, *, interface: str | None = None
) -> None:
    """Send a datagram with its header, whoever it says that it is from, to ``destination``.

    Of IPv4 the length and the checksum are made anew, and what is zero of identification and
    source (raw(7), IP_HDRINCL). OSError: EINVAL for what is none, and as Sender.send_whole.
    """
    sender = ip.sender
    try:
        if len(destination) == 4:
            header, start = ipv4.parse(packet)
            packet = _completed(header, sender, destination).emit(packet[start:])
        else:
            ipv6.parse(packet)
    except ParseError as error:
        raise failure(errno.EINVAL) from error
    sender.send_whole(now, packet, destination, interface=interface)


def _completed(header: Ipv4, sender: Sender, destination: bytes) -> Ipv4:
    source = header.source if any(header.source) else sender.source_for(destination)
    number = header.identification or sender.next_identification(destination)
    return replace(header, source=source, identification=number)


def _summed(message: bytes, source: bytes, destination: bytes) -> bytes:
    """RFC 3542, 3.1. What is too short to have a checksum goes as it is."""
    if len(message) < icmpv6.HEADER_LENGTH:
        return message
    message = b"".join((message[:2], bytes(2), message[4:]))
    pseudo = internet.pseudo_header(source, destination, icmpv6.PROTOCOL, len(message))
    value = internet.checksum(message, pseudo)
    return b"".join((message[:2], value.to_bytes(2, "big"), message[4:]))
