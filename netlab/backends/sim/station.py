"""A host of the world: what comes in, what it then sends, and when its timers run out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from netlab.backends.sim.alarm import Alarm
from netlab.backends.sim.world import World
from netlab.stack.api.programs import Programs, StackEvent
from netlab.stack.host import Host

#: Puts a frame on a link.
Send = Callable[[bytes], None]

#: Bytes of frames that wait for a host that stands still; later ones are lost.
_MOST_WAITING = 16 << 20


class Station:
    """Fulfils ``netlab.stack.api.driver.Driver``. ``ports`` are what its interfaces lead to."""

    def __init__(
        self,
        world: World,
        number: int,
        host: Host,
        ports: Mapping[str, Send],
        *,
        observe: Callable[[StackEvent], None] | None = None,
    ) -> None:
        """``number`` is its place among those who have their turn at one instant."""
        self.host = host
        self.programs = Programs(self, observe=observe)
        self._ports = ports
        self._world = world
        self._number = number
        self._alarm = Alarm(world, self.stirred)
        self._is_off = False
        #: What has come while it stands still; None while it does not.
        self._waiting: deque[tuple[str, bytes]] | None = None
        self._bytes_waiting = 0

    def now(self) -> int:
        return self._world.now

    def stirred(self) -> None:
        self._world.touch(self._number, self._turn)

    def receive(self, interface: str, frame: bytes) -> None:
        if self._is_off:
            return
        if self._waiting is not None:
            self._keep(interface, frame)
            return
        self.host.receive(self._world.now, interface, frame)
        self._world.touch(self._number, self._turn)

    def freeze(self) -> None:
        """Stand still: what comes waits, and timers run out later."""
        self._waiting = self._waiting or deque()

    def thaw(self) -> None:
        """Go on with what has come meanwhile."""
        waiting, self._waiting, self._bytes_waiting = self._waiting, None, 0
        for interface, frame in waiting or ():
            self.host.receive(self._world.now, interface, frame)
        self.stirred()

    def switch_off(self) -> None:
        """For good: nothing goes in or out any more, and nobody is told."""
        self._is_off = True

    def _keep(self, interface: str, frame: bytes) -> None:
        assert self._waiting is not None
        if self._bytes_waiting + len(frame) <= _MOST_WAITING:
            self._waiting.append((interface, frame))
            self._bytes_waiting += len(frame)

    def _turn(self) -> None:
        if self._is_off or self._waiting is not None:
            return
        now, host = self._world.now, self.host
        due = host.next_timeout()
        if due is not None and due <= now:
            host.handle_timeout(now)
        for interface, frame in host.frames_to_send(now):
            self._ports[interface](frame)
        while event := host.next_event():
            self.programs.tell(event)
        self._alarm.set(host.next_timeout())
