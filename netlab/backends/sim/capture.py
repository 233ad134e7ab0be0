"""Every frame at every interface, as one pcapng file with the times of the world."""

from __future__ import annotations

from typing import Protocol

from netlab.backends.sim.clock import date
from netlab.backends.sim.world import World
from netlab.wire import pcapng


class Output(Protocol):
    """A file; OSError when it cannot be written."""

    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> None: ...


class Capture:
    """Frames are in the order in which they passed, interfaces in the order of the plan.

    ``counts`` are the frames of each interface; ``last`` is when the last one passed, if any has.
    ``failed`` is why the file has no more of them.
    """

    def __init__(self, world: World, output: Output) -> None:
        self._world = world
        self._output = output
        self.is_on = False
        self.counts: list[int] = []
        self.last: int | None = None
        self.failed: OSError | None = None
        self._write(pcapng.section_header(application="netlab"))

    def add(self, node: str, interface: str) -> int:
        """The number of an interface in the file."""
        self._write(pcapng.interface_description(f"{node}:{interface}"))
        self.counts.append(0)
        return len(self.counts) - 1

    def note(self, interface: int, frame: bytes, *, outbound: bool) -> None:
        if not self.is_on:
            return
        now = self._world.now
        self.counts[interface] += 1
        self.last = now
        self._write(
            pcapng.enhanced_packet(interface, date(now), frame, len(frame), outbound=outbound)
        )

    def flush(self) -> None:
        """Bring the file up to date."""
        try:
            self._output.flush()
        except OSError as error:
            self.failed = self.failed or error

    def _write(self, block: bytes) -> None:
        if self.failed is None:
            try:
                self._output.write(block)
            except OSError as error:  # the lab goes on; its run says so when it is over
                self.failed = error
