"""Puts a capture file in time order, without holding its frames in memory."""

from __future__ import annotations

import heapq
import os
from array import array
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from struct import Struct
from typing import BinaryIO

from netlab.wire import pcapng
from netlab.wire.pcapng import InterfaceDescription

#: An enhanced packet block up to its time stamp, little-endian as the collector writes it: type,
#: length, interface, time stamp high and low.
_START = Struct("<IIIII")
_SIZE = Struct("<I")

#: Frames that are written at once.
_AT_ONCE = 4096


class Index:
    """Where the frames of a file are, by interface; 16 bytes for each frame."""

    def __init__(self) -> None:
        self.frames = 0
        self.others: list[tuple[int, int]] = []  # place and length of what is no frame
        self._times: dict[int, array[int]] = {}
        self._places: dict[int, array[int]] = {}

    @classmethod
    def of(cls, content: mmap) -> Index:
        """Up to a block that a killed writer left unfinished."""
        index, place, size = cls(), 0, len(content)
        unpack, kind_of_frames = _START.unpack_from, pcapng.ENHANCED_PACKET
        while place + _START.size <= size:
            kind, length, interface, high, low = unpack(content, place)
            if place + length > size:
                break
            if kind == kind_of_frames:
                index.add(interface, high << 32 | low, place)
            else:
                index.others.append((place, length))
            place += length
        return index

    def add(self, interface: int, t: int, place: int) -> None:
        times = self._times.get(interface)
        if times is None:
            times = self._times[interface] = array("Q")
            self._places[interface] = array("Q")
        times.append(t)
        self._places[interface].append(place)
        self.frames += 1

    def in_order(self) -> Iterator[tuple[int, int]]:
        """(time, place) of all frames; of the same time, as they stand in the file."""
        return heapq.merge(*(self._of(interface) for interface in self._times))

    def _of(self, interface: int) -> Iterator[tuple[int, int]]:
        """An interface's frames are in order already, but where a clock was set back."""
        times, places = self._times[interface], self._places[interface]
        pairs = zip(times, places, strict=True)
        is_ordered = all(map(int.__le__, times, memoryview(times)[1:]))
        return pairs if is_ordered else iter(sorted(pairs))


def copy_in_order(
    source: BinaryIO, target: BinaryIO
) -> tuple[int, tuple[InterfaceDescription, ...]]:
    """Copy a file, the frames last and in time order; how many there are, and the interfaces."""
    if not os.fstat(source.fileno()).st_size:
        return 0, ()
    with mmap(source.fileno(), 0, access=ACCESS_READ) as content:
        index = Index.of(content)
        head = b"".join(content[place : place + length] for place, length in index.others)
        target.write(head)
        pieces: list[bytes] = []
        for _, place in index.in_order():
            (length,) = _SIZE.unpack_from(content, place + 4)
            pieces.append(content[place : place + length])
            if len(pieces) == _AT_ONCE:
                target.write(b"".join(pieces))
                pieces.clear()
        target.write(b"".join(pieces))
    described = pcapng.Reader().feed(head)
    return index.frames, tuple(b for b in described if isinstance(b, InterfaceDescription))
