"""TCP's place on top of IP: headers and checksums in both directions, and errors about segments."""

from __future__ import annotations

from contextlib import suppress
from random import Random

from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import IpHeader, Received, Segmentation
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.ip.flow_labels import FlowLabels
from netlab.stack.ip.icmp_layer import Report
from netlab.stack.ip.layer import Ip
from netlab.stack.ip.refused import Refused
from netlab.stack.ports import LocalPorts
from netlab.stack.tcp import resets
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.layer import TcpLayer
from netlab.stack.tcp.outgoing import Outgoing
from netlab.stack.tcp.pair import Pair
from netlab.stack.tcp.profile import LINUX, Profile
from netlab.wire import checksum as internet
from netlab.wire import tcp, tcp_segments
from netlab.wire.errors import ParseError
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import Packet
from netlab.wire.tcp import PROTOCOL, Tcp

_CHECKSUM_OFFSET = 16
_HOP_LIMIT = 64
#: Rounds in which TCP is asked what else it has to send, before the driver goes on.
_MAX_ROUNDS = 1000


class TcpOverIp:
    def __init__(
        self, ip: Ip, random: Random, *, profile: Profile = LINUX, ports: LocalPorts
    ) -> None:
        self._ip = ip
        self.layer = TcpLayer(random=random, routes=ip.sender, profile=profile, ports=ports)
        ip.protocols[PROTOCOL] = self._receive
        ip.icmp.errors[PROTOCOL] = self._icmp_error
        ip.filters.send_reset = self._reject

    def send(self, now: int) -> None:
        """Hand to IP what TCP has to send. What IP cannot send is lost, and sent again later."""
        for _ in range(_MAX_ROUNDS):
            outgoing = self.layer.to_send(now)
            if not outgoing:
                return
            for segment in outgoing:
                try:
                    self._send(now, segment)
                except OSError:
                    continue

    def _receive(self, now: int, received: Received) -> None:
        if received.is_for_many:
            return  # RFC 1122, 4.2.3.10
        ip, segment = received.ip, received.payload
        try:
            header, start = tcp.parse(segment)
        except ParseError:
            raise Refused(Counted.TCP_IN_ERRORS) from None
        if not received.is_verified:
            pseudo = internet.pseudo_header(ip.source, ip.destination, PROTOCOL, len(segment))
            if not internet.is_valid(internet.raw_sum(segment) + pseudo):
                raise Refused(Counted.TCP_CHECKSUM_ERRORS)
        doubted = self._doubted(received, header)
        before = doubted.cb.snd_una if doubted else 0
        self.layer.receive(now, ip.source, ip.destination, header, segment[start:], ecn=ip.ecn)
        if doubted is not None and doubted.cb.snd_una > before:
            self._confirm(now, received)

    def _reject(self, now: int, packet: Packet) -> None:
        """As if from whom a segment is for that a filter has stopped."""
        ip, header = packet.ip, packet.tcp
        assert ip is not None
        assert header is not None
        pair = Pair(ip.destination, header.destination_port, ip.source, header.source_port)
        reset = resets.answer(pair, header, len(packet.payload), _HOP_LIMIT)
        if reset is not None:
            with suppress(OSError):
                self._send(now, reset)

    def _doubted(self, received: Received, header: Tcp) -> Connection | None:
        """The connection of a segment by whose progress the way to its peer could be confirmed."""
        if not received.interface.neighbours.are_in_doubt:
            return None
        ports, ip = (header.destination_port, header.source_port), received.ip
        return self.layer.sockets.connection(Pair(ip.destination, ports[0], ip.source, ports[1]))

    def _confirm(self, now: int, received: Received) -> None:
        """RFC 4861, 7.3.1: what we sent is acknowledged, so the first hop passes it on."""
        with suppress(OSError):
            way = self._ip.sender.way(received.ip.source)
            way.interface.neighbours.confirm(now, way.next_hop)

    def _send(self, now: int, out: Outgoing) -> None:
        sender, length = self._ip.sender, len(out.payload)
        size, ignores_path = out.segment_size, out.discovery.ignores_path
        if not size or length <= size:
            segment = out.header.emit(bytes(out.payload), out.source, out.destination)
            sender.send(
                now,
                _ip_header(out, sender.flow_labels),
                segment,
                limit=None,
                ignore_path_mtu=ignores_path,
            )
        elif sender.segments(out.destination):
            self._send_large(now, out)
        else:
            pieces = tcp_segments.cut(out.header, out.payload, size, out.source, out.destination)
            sender.send_pieces(
                now, _ip_header(out, sender.flow_labels), pieces, ignore_path_mtu=ignores_path
            )

    def _send_large(self, now: int, out: Outgoing) -> None:
        """As one; the interface cuts it, and sums up each piece."""
        sender = self._ip.sender
        ip = _ip_header(out, sender.flow_labels)
        length = len(out.payload)
        head = tcp_segments.partial(out.header, length, out.source, out.destination)
        segmentation = Segmentation(out.segment_size, ip.header_length, _CHECKSUM_OFFSET)
        sender.send(now, ip, out.payload, head=head, segmentation=segmentation, limit=None)

    def _icmp_error(self, now: int, report: Report) -> bool:
        quoted = report.quoted.tcp
        if quoted is None:
            return False
        return self.layer.icmp_error(
            now,
            report.source,
            report.destination,
            quoted,
            error=report.error.errno,
            is_hard=report.error.is_hard,
            mtu=report.mtu,
        )


def _ip_header(out: Outgoing, flow_labels: FlowLabels) -> IpHeader:
    if len(out.source) == 4:
        return Ipv4(
            out.source,
            out.destination,
            PROTOCOL,
            out.hop_limit,
            # What TCP sends fits, as far as is known.
            dont_fragment=out.discovery is not PathMtuDiscovery.DONT,
            dscp=out.dscp,
            ecn=out.ecn,
        )
    ports = out.header.source_port, out.header.destination_port
    label = flow_labels.of(out.source, out.destination, PROTOCOL, *ports)
    traffic_class = out.dscp << 2 | out.ecn
    return Ipv6(out.source, out.destination, PROTOCOL, out.hop_limit, traffic_class, label)
