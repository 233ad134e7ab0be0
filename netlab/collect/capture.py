"""A run's capture file: followed while it grows, and put in order when the run is over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlab.collect.counts import InterfaceCount
from netlab.collect.ordering import copy_in_order
from netlab.wire import pcapng
from netlab.wire.pcapng import Frame

#: Frames that are kept for the analysis, the first ones: a thousand take some 2 MB and 40 ms.
MOST_FRAMES = 100_000

_CHUNK = 1 << 20


class CaptureFile:
    """The collector appends to the file as each interface's ring empties; this end reads along.

    Of a capture of more than ``most`` frames it knows the first only, and one to tell that there
    are more.
    """

    def __init__(self, path: Path, *, most: int = MOST_FRAMES) -> None:
        self._path = path
        self._most = most
        self._restart()

    def _restart(self) -> None:
        self._reader = pcapng.Reader()
        self._position = 0
        self._frames: list[Frame] = []

    def frames(self) -> Sequence[Frame]:
        """The frames so far, in time order."""
        self._read_on()
        self._frames.sort(key=_time)
        return self._frames

    def _read_on(self) -> None:
        with self._path.open("rb") as stream:
            stream.seek(self._position)
            while len(self._frames) <= self._most and (data := stream.read(_CHUNK)):
                self._position += len(data)
                blocks = self._reader.feed(data)
                self._frames += [block for block in blocks if isinstance(block, Frame)]
        del self._frames[self._most + 1 :]

    def finish(self, counts: Sequence[InterfaceCount], t: int) -> int:
        """Rewrite the file in time order, with what each capture saw and lost up to ``t``.

        How many frames it has. OSError when there is no room for another file: this one stays.
        """
        ordered = self._path.with_name(f".{self._path.name}.ordered")
        try:
            frames = self._order(ordered, counts, t)
        except OSError:
            ordered.unlink(missing_ok=True)
            raise
        ordered.replace(self._path)
        self._restart()  # what stands first now is what was captured first
        return frames

    def _order(self, ordered: Path, counts: Sequence[InterfaceCount], t: int) -> int:
        with self._path.open("rb") as source, ordered.open("wb") as target:
            frames, interfaces = copy_in_order(source, target)
            numbers = {each.name: each.index for each in interfaces}
            for count in counts:
                target.write(
                    pcapng.interface_statistics(
                        numbers[f"{count.node}:{count.interface}"],
                        t,
                        received=count.packets,
                        dropped=count.drops,
                    )
                )
        return frames


def _time(frame: Frame) -> int:
    return frame.t
