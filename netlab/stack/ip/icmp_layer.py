"""ICMP messages that come in: questions are answered, errors told to the sockets they are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from netlab.stack.ip import echo
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Received
from netlab.stack.ip.errors import SoftOrHard, meaning
from netlab.stack.ip.refused import Refused
from netlab.stack.ip.sending import Sender
from netlab.wire import checksum as internet
from netlab.wire import icmp, icmpv6
from netlab.wire.errors import ParseError
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.packet import Packet, decode_ip


@dataclass(frozen=True, slots=True)
class Report:
    """An ICMP error about a datagram of ours. ``quoted`` is what it quotes, decoded.

    ``mtu`` is the next hop's, of *fragmentation needed* and *packet too big* alone.
    """

    quoted: Packet
    error: SoftOrHard
    message: Icmp | Icmpv6
    offender: bytes
    mtu: int | None = None

    @property
    def source(self) -> bytes:
        """Ours."""
        assert self.quoted.ip is not None
        return self.quoted.ip.source

    @property
    def destination(self) -> bytes:
        assert self.quoted.ip is not None
        return self.quoted.ip.destination


#: Says whether the quoted datagram may be one that was sent (RFC 5927, section 4).
ErrorHandler: TypeAlias = Callable[[int, Report], bool]
MessageHandler: TypeAlias = Callable[[int, Received, Icmp | Icmpv6, bytes], None]


class IcmpLayer:
    """``errors`` by the protocol that is quoted, ``messages`` by version and type."""

    def __init__(self, sender: Sender, counters: Counter[Counted]) -> None:
        self._sender = sender
        self._counters = counters
        self.errors: dict[int, ErrorHandler] = {}
        self.messages: dict[tuple[int, int], MessageHandler] = {
            (4, icmp.Type.ECHO): self._echo,
            (4, icmp.Type.TIMESTAMP): self._timestamp,
            (6, icmpv6.Type.ECHO_REQUEST): self._echo,
        }
        #: Told of a path that carries less than was thought: the destination, the MTU that a router
        #: named and the size of what did not fit.
        self.on_too_big: Callable[[int, bytes, int, int], None] = lambda *_: None

    def receive(self, now: int, received: Received) -> None:
        """Protocol 1 or 58. Raises Refused."""
        self._counters[Counted.ICMP_IN] += 1
        data = bytes(received.payload)
        self._verify(received, data)
        ip = received.ip
        try:
            message, offset = icmp.parse(data) if ip.version == 4 else icmpv6.parse(data)
        except ParseError:
            raise Refused(Counted.ICMP_IN_ERRORS) from None
        rest = data[offset:]
        handler = self.messages.get((ip.version, message.type))
        if handler is not None:
            handler(now, received, message, rest)
        elif message.is_error:
            self._error(now, received, message, rest)

    def _verify(self, received: Received, data: bytes) -> None:
        total = internet.raw_sum(data)
        ip = received.ip
        if ip.version == 6:
            total += internet.pseudo_header(ip.source, ip.destination, icmpv6.PROTOCOL, len(data))
        if not internet.is_valid(total):
            raise Refused(Counted.ICMP_IN_CHECKSUM_ERRORS)

    def _echo(self, now: int, received: Received, message: Icmp | Icmpv6, data: bytes) -> None:
        try:
            echo.reply(now, self._sender, received, message, data)
        except OSError:
            return  # there is no way back

    def _timestamp(self, now: int, received: Received, message: Icmp | Icmpv6, data: bytes) -> None:
        assert isinstance(message, Icmp)
        try:
            echo.timestamp(now, self._sender, received, message, data)
        except OSError:
            return

    def _error(self, now: int, received: Received, message: Icmp | Icmpv6, quote: bytes) -> None:
        """RFC 1122, 3.2.2: passed to the transport that the quoted datagram is of."""
        error = meaning(message)
        quoted = decode_ip(quote[: message.quote_length], quoted=True)
        ip = quoted.ip
        if error is None or ip is None or ip.version != received.ip.version:
            return
        is_ours = self._sender.is_own(ip.source)
        handler = self.errors.get(ip.protocol)
        if not is_ours or handler is None or ip.fragment_offset:
            self._counters[Counted.ICMP_IN_ERRORS] += 1
            return
        report = Report(quoted, error, message, received.ip.source, message.mtu)
        if not handler(now, report):
            self._counters[Counted.ICMP_IN_ERRORS] += 1
        elif message.mtu is not None:
            self.on_too_big(now, ip.destination, message.mtu, ip.total_length)
