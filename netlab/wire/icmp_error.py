"""ICMP errors about a datagram (RFC 792, RFC 1812 section 4.3.2, RFC 4443 section 2.4)."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.wire import icmpv6
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


def may_be_about(
    packet: Packet, error: IcmpError | None = None, *, is_for_many: bool = False
) -> bool:
    """Whether an error may answer this packet (RFC 1122, 3.2.2, and RFC 4443, 2.4 (e)).

    ``is_for_many``: it came to more than one host, whatever its destination says.
    """
    ip = packet.ip
    if ip is None or (ip.fragment_offset and isinstance(ip, Ipv4)):
        return False
    if (packet.icmp and packet.icmp.is_error) or (packet.icmpv6 and _is_unanswered(packet.icmpv6)):
        return False
    if isinstance(ip, Ipv4):
        return ip.destination[0] < 224 and any(ip.source) and not is_for_many
    is_for_many = is_for_many or ip.destination[0] == 0xFF
    return any(ip.source) and (not is_for_many or _answers_multicast(error))


def _is_unanswered(message: Icmpv6) -> bool:
    return message.is_error or message.type == icmpv6.Type.REDIRECT


def _answers_multicast(error: IcmpError | None) -> bool:
    """Path MTU discovery works for groups, too, and an option may ask for an answer."""
    return error is not None and (
        error.type == icmpv6.Type.PACKET_TOO_BIG
        or (error.type, error.code) == (icmpv6.Type.PARAMETER_PROBLEM, 2)
    )
