"""What a UDP socket receives: datagrams, and errors about those it sent."""

from __future__ import annotations

from dataclasses import dataclass, replace

from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6


@dataclass(frozen=True, slots=True)
class UdpDatagram:
    """``destination`` is the address it was sent to, one of ours or a group or broadcast.

    ``length`` is the whole of it, of which ``data`` may be the beginning.
    """

    data: bytes
    source: bytes
    source_port: int
    destination: bytes
    interface: str
    hop_limit: int
    traffic_class: int
    length: int

    @property
    def is_truncated(self) -> bool:
        return len(self.data) < self.length

    def cut(self, size: int) -> UdpDatagram:
        """What a buffer of ``size`` bytes takes; the rest is lost."""
        return self if len(self.data) <= size else replace(self, data=self.data[:size])


@dataclass(frozen=True, slots=True)
class HeardError:
    """An entry of the error queue: about which datagram, from whom, and what it was."""

    errno: int
    destination: bytes
    port: int
    offender: bytes
    message: Icmp | Icmpv6
    mtu: int | None
