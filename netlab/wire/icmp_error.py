"""ICMP errors about a datagram (RFC 792, RFC 1812 section 4.3.2, RFC 4443 section 2.4)."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.wire.icmp import Icmp, Type
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.packet import Packet

#: An IPv4 error fits the datagram that every host takes, an IPv6 error the minimum MTU: what is
#: quoted is cut so that it does, with 20 and 40 bytes of IP header and 8 of ICMP header.
_QUOTED_V4, _QUOTED_V6 = 576 - 28, 1280 - 48


@dataclass(frozen=True, slots=True)
class IcmpError:
    """``parameter`` is an MTU, a pointer or a gateway's address as a number, as the type has it."""

    type: int
    code: int
    parameter: int = 0

    def about(self, datagram: bytes, source: bytes, destination: bytes) -> bytes:
        """The ICMP message that quotes ``datagram``, from ``source`` to ``destination``."""
        if len(source) == 16:
            message = Icmpv6(self.type, self.code, self.parameter.to_bytes(4, "big"))
            return message.emit(datagram[:_QUOTED_V6], source, destination)
        shift = 24 if self.type == Type.PARAMETER_PROBLEM else 0
        rest = (self.parameter << shift).to_bytes(4, "big")
        return Icmp(self.type, self.code, rest).emit(datagram[:_QUOTED_V4])


def may_be_about(packet: Packet) -> bool:
    """Whether an error may answer this packet (RFC 1122, 3.2.2, and RFC 4443, 2.4 (e))."""
    ip = packet.ip
    if ip is None or ip.fragment_offset:
        return False
    if (packet.icmp and packet.icmp.is_error) or (packet.icmpv6 and packet.icmpv6.is_error):
        return False
    if isinstance(ip, Ipv4):
        return ip.destination[0] < 224 and any(ip.source)
    return ip.destination[0] != 0xFF and any(ip.source)
