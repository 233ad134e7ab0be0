"""One host or router: the stack as a whole, without sockets, clocks or threads.

The driver hands in frames and the time, and takes frames and events; times are ns of its own clock.
All verbs are called from one thread.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TypeAlias

from netlab.stack.deadlines import earliest
from netlab.stack.events import TcpEvent
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Buffer, Frame, Segmentation
from netlab.stack.ip.events import Event as IpEvent
from netlab.stack.ip.layer import Ip
from netlab.stack.ip.offload import cut_frame
from netlab.stack.ports import LocalPorts
from netlab.stack.tcp.profile import LINUX, Profile
from netlab.stack.tcp_over_ip import TcpOverIp
from netlab.stack.udp.events import UdpEvent
from netlab.stack.udp.layer import Udp

HostEvent: TypeAlias = IpEvent | UdpEvent | TcpEvent

#: How many of its own datagrams a host takes in before it lets the driver go on.
MAX_LOOPED = 10_000


class Host:
    """``ip``, ``udp`` and ``tcp`` are its layers, and take the commands of a program."""

    def __init__(
        self, random: Random, *, is_router: bool = False, profile: Profile = LINUX
    ) -> None:
        self.ip = Ip(random, is_router=is_router)
        self.ports = LocalPorts.between(profile.ephemeral_ports)
        self.udp = Udp(self.ip, self.ports)
        self._tcp = TcpOverIp(self.ip, random, profile=profile, ports=self.ports)
        self.tcp = self._tcp.layer

    @property
    def counters(self) -> Counter[Counted]:
        return self.ip.counters

    def receive(
        self,
        now: int,
        interface: str,
        frame: Buffer,
        *,
        is_verified: bool = False,
        segmentation: Segmentation | None = None,
    ) -> None:
        """An Ethernet frame that came in; nothing is raised, whatever is in it.

        The buffer is the driver's again afterwards. ``is_verified``: the interface has verified
        the transport's checksum. ``segmentation``: the frame has not been on a wire, and what an
        interface would do for it is still to be done, should it be passed on.
        """
        self.ip.receive(now, interface, frame, is_verified=is_verified, segmentation=segmentation)

    def to_send(self, now: int) -> list[Frame]:
        """What is to be sent, in order. Frames that the interface shall cut say so."""
        looped, taken = self.ip.sender.looped, 0
        self._tcp.send(now)
        while looped and taken < MAX_LOOPED:
            self.ip.receive_looped(now)
            taken += 1
            if not looped:
                self._tcp.send(now)
        return self.ip.frames_to_send()

    def frames_to_send(self, now: int) -> list[tuple[str, bytes]]:
        """The same for links that take whole frames: the interface's name, and the frame."""
        return [(f.interface, whole) for f in self.to_send(now) for whole in cut_frame(f)]

    def next_timeout(self) -> int | None:
        """When handle_timeout is due; a time that has passed means at once."""
        pending = 0 if self.ip.sender.looped else None
        return earliest(pending, self.ip.next_timeout(), self.tcp.next_timeout())

    def handle_timeout(self, now: int) -> None:
        self.ip.handle_timeout(now)
        self.tcp.handle_timeout(now)

    def next_event(self) -> HostEvent | None:
        """What happened, or None. Of each layer in its order."""
        if self.ip.events:
            return self.ip.events.popleft()
        return self.udp.next_event() or self.tcp.next_event()
