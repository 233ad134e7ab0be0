"""A run's capture file: followed while it grows, and put in order when the run is over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlab.collect.counts import InterfaceCount
from netlab.wire import pcapng
from netlab.wire.pcapng import Block, Frame, InterfaceDescription


class CaptureFile:
    """The collector appends to the file as each interface's ring empties; this end reads along."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = pcapng.Reader()
        self._position = 0
        self._interfaces: list[InterfaceDescription] = []
        self._frames: list[Frame] = []

    def frames(self) -> Sequence[Frame]:
        """Every frame so far, in time order."""
        self._read_on()
        self._frames.sort(key=_time)
        return self._frames

    def _read_on(self) -> None:
        with self._path.open("rb") as stream:
            stream.seek(self._position)
            data = stream.read()
        self._position += len(data)
        self._keep(self._reader.feed(data))

    def _keep(self, blocks: list[Block]) -> None:
        self._frames += [block for block in blocks if isinstance(block, Frame)]
        self._interfaces += [block for block in blocks if isinstance(block, InterfaceDescription)]

    def finish(self, counts: Sequence[InterfaceCount], t: int) -> None:
        """Rewrite the file in time order, with what each capture saw and lost up to ``t``."""
        frames = self.frames()
        numbers = {each.name: each.index for each in self._interfaces}
        blocks = [pcapng.section_header(application="netlab")]
        blocks += [pcapng.interface_description(each.name) for each in self._interfaces]
        blocks += [
            pcapng.enhanced_packet(
                each.interface.index, each.t, each.data, each.length, outbound=bool(each.outbound)
            )
            for each in frames
        ]
        blocks += [
            pcapng.interface_statistics(
                numbers[f"{each.node}:{each.interface}"],
                t,
                received=each.packets,
                dropped=each.drops,
            )
            for each in counts
        ]
        ordered = self._path.with_name(f".{self._path.name}.ordered")
        ordered.write_bytes(b"".join(blocks))
        ordered.replace(self._path)


def _time(frame: Frame) -> int:
    return frame.t
