"""UDP of a host: which socket a datagram is for, and how one is sent (RFC 768; RFC 1122, 4.1)."""

from __future__ import annotations

import errno

from netlab.stack.failure import failure
from netlab.stack.ip import addresses
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Buffer, IpHeader, Received
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.ip.icmp_layer import Report
from netlab.stack.ip.layer import Ip
from netlab.stack.ip.refused import Refused
from netlab.stack.ports import LocalPorts
from netlab.stack.udp.datagram import HeardError, UdpDatagram
from netlab.stack.udp.events import DatagramReady, ErrorPending, UdpEvent
from netlab.stack.udp.ports import Ports
from netlab.stack.udp.settings import UdpSettings
from netlab.stack.udp.socket import UdpSocket
from netlab.wire import checksum as internet
from netlab.wire import icmp, icmpv6, udp
from netlab.wire.errors import ParseError
from netlab.wire.icmp_error import IcmpError
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.udp import HEADER_LENGTH, PROTOCOL
from netlab.wire.udp import Udp as Header

#: The most that the length fields of IPv4 and of IPv6 can say.
MAX_DATA_V4, MAX_DATA_V6 = 65535 - 20 - HEADER_LENGTH, 65535 - HEADER_LENGTH

_NO_PORT_V4 = IcmpError(icmp.Type.DESTINATION_UNREACHABLE, icmp.Unreachable.PORT)
_NO_PORT_V6 = IcmpError(icmpv6.Type.DESTINATION_UNREACHABLE, icmpv6.Unreachable.PORT)


class Udp:
    """The sockets of a host."""

    def __init__(self, ip: Ip, ports: LocalPorts) -> None:
        self._ip = ip
        self._counters = ip.counters
        self.ports = Ports(ip, ports)
        #: Told once until it is taken, so that there are no more than two a socket.
        self._events: dict[UdpEvent, None] = {}
        ip.protocols[PROTOCOL] = self.receive
        ip.icmp.errors[PROTOCOL] = self.icmp_error

    def next_event(self) -> UdpEvent | None:
        """The oldest that nobody has taken, or None."""
        event = next(iter(self._events), None)
        if event is not None:
            del self._events[event]
        return event

    def socket(self, *, v6: bool = False, settings: UdpSettings | None = None) -> UdpSocket:
        return UdpSocket(self, 16 if v6 else 4, settings or UdpSettings())

    def bind(self, socket: UdpSocket, address: bytes, port: int) -> None:
        local = socket.wire(address)
        if any(local) and not self._may_bind(local):
            raise failure(errno.EADDRNOTAVAIL)
        self.ports.bind(socket, local, port)
        socket.address = address

    def connect(self, socket: UdpSocket, address: bytes, port: int) -> None:
        peer = socket.wire(address)
        self._check_broadcast(socket, peer)
        interface = self._scope(socket, peer)
        source = self._ip.sender.source_for(peer, interface)
        if not socket.port:
            self.ports.bind_any(socket)
        local = source if socket.is_wildcard else socket.local
        self.ports.connect(socket, local, peer, port)

    def disconnect(self, socket: UdpSocket) -> None:
        self.ports.disconnect(socket)

    def forget(self, socket: UdpSocket) -> None:
        self.ports.release(socket)

    def join(self, now: int, group: bytes, interface: str) -> None:
        self._ip.join(now, interface, group)

    def leave(self, now: int, group: bytes, interface: str) -> None:
        self._ip.leave(now, interface, group)

    def send(self, now: int, socket: UdpSocket, data: Buffer, address: bytes, port: int) -> None:
        if port == 0:
            raise failure(errno.EINVAL)
        is_peer = address is socket.peer
        destination = address if is_peer else socket.wire(address)
        self._check_size(socket, destination, len(data))
        self._check_broadcast(socket, destination)
        if not socket.port:
            self.ports.bind_any(socket)
        interface = self._scope(socket, destination)
        source = socket.local
        if len(source) != len(destination) or not any(source) or addresses.is_multicast(source):
            source = self._ip.sender.source_for(destination, interface)
        header, has_checksum = Header(socket.port, port), socket.settings.checksum
        packet = header.emit(bytes(data), source, destination, has_checksum=has_checksum)
        self._counters[Counted.UDP_OUT] += 1
        ip = self._ip_header(socket, source, (destination, port), len(packet), interface)
        self._transmit(now, socket, ip, packet, interface)

    def receive(self, now: int, received: Received) -> None:
        """A datagram for this host. Raises Refused when nobody takes it."""
        header, data = self._parse(received)
        ip = received.ip
        datagram = UdpDatagram(
            data,
            ip.source,
            header.source_port,
            ip.destination,
            received.interface.name,
            ip.ttl if isinstance(ip, Ipv4) else ip.hop_limit,
            ip.dscp << 2 | ip.ecn,
            len(data),
        )
        takers = self._takers(received, header)
        if not takers:
            error = _NO_PORT_V4 if ip.version == 4 else _NO_PORT_V6
            raise Refused(Counted.UDP_NO_PORTS, error)
        for socket in takers:
            self._deliver(socket, datagram)

    def icmp_error(self, now: int, report: Report) -> bool:
        """Whether a socket may have sent what is quoted; it is told if it wants to know."""
        quoted = report.quoted.udp
        if quoted is None:
            return False
        socket = self.ports.find(
            report.source, quoted.source_port, report.destination, quoted.destination_port
        )
        if socket is None:
            return False
        error = report.error
        is_hard = error.is_hard
        if report.mtu is not None:
            is_hard = socket.settings.path_mtu_discovery is not PathMtuDiscovery.DONT
        shown = socket.shown(report.destination)
        offender = socket.shown(report.offender)
        heard = HeardError(
            error.errno, shown, quoted.destination_port, offender, report.message, report.mtu
        )
        if socket.hear(heard, is_hard=is_hard):
            self._events[ErrorPending(socket)] = None
        return True

    def _parse(self, received: Received) -> tuple[Header, bytes]:
        payload, ip = received.payload, received.ip
        try:
            header, start = udp.parse(payload)
        except ParseError:
            raise Refused(Counted.UDP_IN_ERRORS) from None
        if header.length > len(payload):
            raise Refused(Counted.UDP_IN_ERRORS)
        message = payload[: header.length]
        if header.checksum == 0:
            if ip.version == 6:  # RFC 8200, 8.1
                raise Refused(Counted.UDP_CHECKSUM_ERRORS)
        elif not received.is_verified:
            pseudo = internet.pseudo_header(ip.source, ip.destination, PROTOCOL, len(message))
            if not internet.is_valid(internet.raw_sum(message) + pseudo):
                raise Refused(Counted.UDP_CHECKSUM_ERRORS)
        return header, bytes(message[start:])

    def _takers(self, received: Received, header: Header) -> list[UdpSocket]:
        """One socket, or of what was sent to many every one that listens (RFC 1122, 4.1.3.5)."""
        ip, name = received.ip, received.interface.name
        local, remote = (
            (ip.destination, header.destination_port),
            (ip.source, header.source_port),
        )
        if addresses.is_multicast(ip.destination):
            found = self.ports.find_all(*local, *remote, name)
            return [s for s in found if _hears_group(s, ip.destination, name)]
        if ip.destination in received.interface.broadcasts:
            return self.ports.find_all(*local, *remote, name)
        socket = self.ports.find(*local, *remote, name)
        return [socket] if socket else []

    def _deliver(self, socket: UdpSocket, datagram: UdpDatagram) -> None:
        was_readable = socket.is_readable
        if len(datagram.source) != socket.size:
            datagram = UdpDatagram(
                datagram.data,
                socket.shown(datagram.source),
                datagram.source_port,
                socket.shown(datagram.destination),
                datagram.interface,
                datagram.hop_limit,
                datagram.traffic_class,
                datagram.length,
            )
        if not socket.deliver(datagram):
            self._counters[Counted.UDP_BUFFER_ERRORS] += 1
            return
        self._counters[Counted.UDP_IN] += 1
        if not was_readable:
            self._events[DatagramReady(socket)] = None

    def _transmit(
        self,
        now: int,
        socket: UdpSocket,
        ip: IpHeader,
        packet: bytes,
        interface: str | None,
    ) -> None:
        settings = socket.settings
        discovery = settings.path_mtu_discovery
        try:
            self._ip.sender.send(
                now,
                ip,
                packet,
                interface=interface,
                may_fragment=discovery.may_fragment,
                loop=settings.multicast_loop,
                ignore_path_mtu=discovery.ignores_path,
            )
        except OSError as error:
            # Linux tells of a full queue only those who want to hear of errors.
            if error.errno != errno.ENOBUFS or settings.hear_errors:
                raise

    def _ip_header(
        self,
        socket: UdpSocket,
        source: bytes,
        to: tuple[bytes, int],
        length: int,
        interface: str | None,
    ) -> IpHeader:
        destination, port = to
        settings, sender = socket.settings, self._ip.sender
        hops = settings.hop_limit
        if addresses.is_multicast(destination):
            hops = settings.multicast_hop_limit
        elif hops is None:
            hops = sender.hop_limit(destination, interface)
        if len(destination) == 16:
            label = sender.flow_labels.of(source, destination, PROTOCOL, socket.port, port)
            return Ipv6(source, destination, PROTOCOL, hops, settings.traffic_class, label)
        discovery = settings.path_mtu_discovery
        return Ipv4(
            source,
            destination,
            PROTOCOL,
            hops,
            dont_fragment=discovery.sets_df(sender, destination, 20 + length, interface),
            dscp=settings.traffic_class >> 2,
            ecn=settings.traffic_class & 3,
        )

    @staticmethod
    def _check_size(socket: UdpSocket, destination: bytes, size: int) -> None:
        if size > (MAX_DATA_V4 if len(destination) == 4 else MAX_DATA_V6):
            raise failure(errno.EMSGSIZE)
        if size > 2 * socket.settings.send_buffer:  # Linux' budget, not 4.4BSD's limit
            raise failure(errno.ENOBUFS)

    def _check_broadcast(self, socket: UdpSocket, destination: bytes) -> None:
        """RFC 1122, 3.3.6, by way of SO_BROADCAST."""
        if len(destination) == 16 or socket.settings.broadcast:
            return
        if any(destination in i.broadcasts for i in self._ip.interfaces.values()):
            raise failure(errno.EACCES)

    @staticmethod
    def _scope(socket: UdpSocket, destination: bytes) -> str | None:
        if addresses.is_multicast(destination) and socket.settings.multicast_interface:
            return socket.settings.multicast_interface
        return socket.interface

    def _may_bind(self, address: bytes) -> bool:
        return (
            self._ip.sender.is_own(address)
            or addresses.is_multicast(address)
            or any(address in i.broadcasts for i in self._ip.interfaces.values())
        )


def _hears_group(socket: UdpSocket, group: bytes, interface: str) -> bool:
    if (group, interface) in socket.groups:
        return True
    return socket.settings.multicast_all
