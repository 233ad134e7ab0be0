"""Our stack as a node's transport."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netlab.agent.channel import Message
from netlab.agent.userspace import options
from netlab.agent.userspace.datagrams import Datagrams
from netlab.agent.userspace.icmp import StackIcmp
from netlab.agent.userspace.listening import Listener
from netlab.agent.userspace.opened import Opened
from netlab.agent.userspace.stream import Stream
from netlab.agent.userspace.tap import StackTap
from netlab.stack.api.endpoints import packed
from netlab.stack.api.programs import Programs
from netlab.stack.api.raw import send_packet
from netlab.stack.tcp.settings import Settings
from netlab.wire.address import to_text

#: Sockets of IPv6 that are bound to it serve IPv4, too.
_ANY, _ANY_V4 = "::", "0.0.0.0"  # noqa: S104 - as asked


class StackNetwork:
    """What one program of the node opens; ``end`` is the program's end.

    ``variables`` asks for the control block of each connection as events.
    """

    def __init__(self, programs: Programs, *, variables: bool = False) -> None:
        self._programs = programs
        self._host = programs.driver.host
        self._opened = Opened()
        #: As a new socket of Linux is.
        self._settings = Settings(reuse_address=False, log=variables)

    @property
    def interfaces(self) -> Sequence[str]:
        return tuple(self._host.ip.interfaces)

    def make_room(self) -> None:
        """There is room for as many as the stack takes."""

    def stream(self, address: str) -> Stream:
        return Stream(
            self._programs, self._opened, any_address=_any(address), settings=self._settings
        )

    def datagrams(self, address: str) -> Datagrams:
        return Datagrams(self._programs, self._opened, any_address=_any(address))

    def listen(self, request: Message) -> Listener:
        asked = {"reuse_address": True, **options.stream_fields(request["options"])}
        listener = self._programs.listen(
            (request["address"] or _ANY, request["port"]),
            backlog=request["backlog"],
            settings=replace(self._settings, **asked),
        )
        return Listener(self._programs, self._opened, listener)

    def bound(self, request: Message) -> Datagrams:
        address = request["address"] or _ANY
        made = self.datagrams(address)
        try:
            made.apply({"reuse_address": True})
            made.apply(request["options"])
            made.bind((address, request["port"]))
            for group in request.get("groups", ()):
                for interface in self.interfaces:
                    made.join(group, interface)
        except OSError:
            made.end()
            raise
        return made

    def icmp(self, version: int) -> StackIcmp:
        return StackIcmp(self._programs, self._opened, version)

    def tap(self) -> StackTap:
        return StackTap(self._host.ip, self._opened)

    def source_for(self, target: str) -> str:
        return to_text(self._host.ip.sender.source_for(packed(target)))

    async def send_packet(self, packet: bytes, target: str) -> None:
        send_packet(self._programs.driver, packet, target)

    def end(self) -> None:
        """All that is open closes as the sockets of a program do that was killed."""
        self._opened.end()


def _any(address: str) -> str:
    return _ANY if ":" in address else _ANY_V4
