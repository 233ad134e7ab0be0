"""A host of the world: what comes in, what it then sends, and when its timers run out."""

from __future__ import annotations

from collections.abc import Callable

from netlab.backends.sim.world import World
from netlab.stack.api.programs import Programs, StackEvent
from netlab.stack.host import Host

#: Puts a frame on a link.
Send = Callable[[bytes], None]


class Station:
    """Fulfils ``netlab.stack.api.driver.Driver``. ``ports`` are what its interfaces lead to."""

    def __init__(
        self,
        world: World,
        number: int,
        host: Host,
        *,
        observe: Callable[[StackEvent], None] | None = None,
    ) -> None:
        """``number`` is its place among those who have their turn at one instant."""
        self.host = host
        self.programs = Programs(self, observe=observe)
        self.ports: dict[str, Send] = {}
        self._world = world
        self._number = number
        #: A wake-up that is on the agenda. It may be too early, never too late.
        self._wakes_at: int | None = None

    def now(self) -> int:
        return self._world.now

    def stirred(self) -> None:
        self._world.touch(self._number, self._turn)

    def receive(self, interface: str, frame: bytes) -> None:
        self.host.receive(self._world.now, interface, frame)
        self._world.touch(self._number, self._turn)

    def _turn(self) -> None:
        now, host = self._world.now, self.host
        due = host.next_timeout()
        if due is not None and due <= now:
            host.handle_timeout(now)
        for interface, frame in host.frames_to_send(now):
            self.ports[interface](frame)
        while event := host.next_event():
            self.programs.tell(event)
        self._set_alarm(host.next_timeout())

    def _set_alarm(self, due: int | None) -> None:
        if due is None or (self._wakes_at is not None and self._wakes_at <= due):
            return
        self._wakes_at = due
        self._world.at(due, self._wake)

    def _wake(self) -> None:
        if self._wakes_at is not None and self._wakes_at <= self._world.now:
            self._wakes_at = None
            self.stirred()
