"""Runs a host of the userspace stack in real time, over the interfaces of a node."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable
from typing import TypeAlias

from netlab import linux
from netlab.agent.userspace.port import Port
from netlab.stack.events import TcpEvent
from netlab.stack.host import Host
from netlab.stack.ip.events import Event as IpEvent
from netlab.stack.udp.events import UdpEvent

Event: TypeAlias = IpEvent | UdpEvent | TcpEvent

#: Frames taken in before what they lead to is sent, and others have their turn.
BATCH = 64
#: Ns after which an interface without room is tried again.
_AGAIN = 1_000_000


class Driver:
    """``tell`` hears every event of the host, in order; what it does may be commands.

    To be made where an event loop runs, in the network namespace of the node. After commands
    ``stirred`` is to be called. Times are ns of time.monotonic_ns().
    """

    def __init__(self, host: Host, tell: Callable[[Event], None]) -> None:
        self.host = host
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._ports: dict[str, Port] = {}
        self._timer = linux.make_timer()
        self._armed: int | None = None
        self._is_stirred = False
        self._loop.add_reader(self._timer, self._timed_out)
        linux.keep_freed_memory()  # payloads come and go by the megabyte

    now = staticmethod(time.monotonic_ns)

    @property
    def ports(self) -> Iterable[Port]:
        return self._ports.values()

    def add_port(self, interface: str, *, segments: bool = False) -> None:
        """Give the host an interface of this namespace, without addresses; OSError as Port."""
        port = Port(interface, segments=segments)
        self._ports[interface] = port
        self.host.ip.add_interface(
            self.now(), interface, port.mac, port.mtu, segments=port.segments
        )
        self._loop.add_reader(port.fileno(), self._receive, port)
        self.stirred()

    def stirred(self) -> None:
        """The host was given a command: soon, send what it leads to."""
        if not self._is_stirred:
            self._is_stirred = True
            self._loop.call_soon(self._stirred)

    def close(self) -> None:
        """No more goes in or out; connections are not ended."""
        self._loop.remove_reader(self._timer)
        os.close(self._timer)
        for port in self._ports.values():
            self._loop.remove_reader(port.fileno())
            port.close()
        self._ports.clear()

    def _receive(self, port: Port) -> None:
        now = self.now()
        receive, name = self.host.receive, port.interface
        for frame, is_verified in port.read(BATCH):
            receive(now, name, frame, is_verified=is_verified)
        self._turn(now)

    def _timed_out(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._timer, 8)
        for port in self._ports.values():
            port.send_waiting()
        self._turn(self.now())

    def _stirred(self) -> None:
        self._is_stirred = False
        if self._ports:
            self._turn(self.now())

    def _turn(self, now: int) -> None:
        host, ports = self.host, self._ports
        if self._armed is not None and self._armed <= now:
            self._armed = None
            host.handle_timeout(now)
        for frame in host.to_send(now):
            ports[frame.interface].send(frame)
        while (event := host.next_event()) is not None:
            self._tell(event)
        self._arm(now)

    def _arm(self, now: int) -> None:
        """A timer that goes off too early costs less than one that is set anew all the time."""
        due = self.host.next_timeout()
        if any(port.waiting for port in self._ports.values()):
            due = now + _AGAIN if due is None else min(due, now + _AGAIN)
        if due is not None and (self._armed is None or due < self._armed):
            linux.set_timer(self._timer, due)
            self._armed = due
