"""Every frame at every interface, as one pcapng file with the times of the world."""

from __future__ import annotations

from typing import BinaryIO

from netlab.backends.sim.world import EPOCH, World
from netlab.wire import pcapng


class Capture:
    """Frames are in the order in which they passed, interfaces in the order of the plan."""

    def __init__(self, world: World, output: BinaryIO) -> None:
        self._world = world
        self._output = output
        self._interfaces = 0
        self.is_on = False
        output.write(pcapng.section_header(application="netlab"))

    def add(self, node: str, interface: str) -> int:
        """The number of an interface in the file."""
        self._output.write(pcapng.interface_description(f"{node}:{interface}"))
        self._interfaces += 1
        return self._interfaces - 1

    def note(self, interface: int, frame: bytes, *, outbound: bool) -> None:
        if self.is_on:
            self._output.write(
                pcapng.enhanced_packet(
                    interface, EPOCH + self._world.now, frame, len(frame), outbound=outbound
                )
            )
