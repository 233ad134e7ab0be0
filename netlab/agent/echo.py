"""ICMP echo requests that their sender knows again, in replies and in errors about them."""

from __future__ import annotations

import random

from netlab import clock
from netlab.agent.channel import Message
from netlab.agent.network import Heard
from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text

_REPLIES = {4: icmp.Type.ECHO_REPLY, 6: icmpv6.Type.ECHO_REPLY}


class Echoes:
    """Those that carry out one ``request``: all have the same target and identifier."""

    def __init__(self, request: Message) -> None:
        self._target = from_text(request["address"])
        self.version = version_of(request["address"])
        which = f"{request['seed']}/{request['conn']}/{clock.now()}"
        self._identifier = random.Random(which).randrange(1 << 16)  # noqa: S311 - to be repeated

    def message(self, number: int, data: bytes) -> bytes:
        if self.version == 4:
            return icmp.echo(self._identifier, number).emit(data)
        # The stack knows the source address, and so makes the checksum (RFC 3542, 3.1).
        return icmpv6.echo(self._identifier, number).emit(data, bytes(16), bytes(16))

    def replied(self, heard: Heard) -> int | None:
        """The number of the request that this is the reply to."""
        if heard.message.type != _REPLIES[self.version]:
            return None
        return self._own(heard.message)

    def failed(self, heard: Heard) -> int | None:
        """The number of the request that this error is about."""
        quoted = heard.quoted
        if quoted is None or quoted.ip is None or heard.is_redirect:
            return None
        if quoted.ip.destination != self._target:
            return None
        return self._own(quoted.icmp or quoted.icmpv6)

    def _own(self, echo: icmp.Icmp | icmpv6.Icmpv6 | None) -> int | None:
        return echo.sequence if echo is not None and echo.identifier == self._identifier else None


def version_of(address: str) -> int:
    return 6 if len(from_text(address)) == 16 else 4
