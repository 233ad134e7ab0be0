"""Packets that faults hold, each until a time, or until something has happened."""

from __future__ import annotations

import heapq
from typing import TypeAlias

from netlab.fabric.emulator.packet import Packet
from netlab.topology.impairment import Fault

_SECOND = 1_000_000_000

#: When its time is up, its number, the packet and the fault that holds it.
_Entry: TypeAlias = tuple[float, int, Packet, Fault]

_NEVER = float("inf")


class Held:
    def __init__(self) -> None:
        self._heap: list[_Entry] = []
        self._number = 0
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next_due(self) -> int | None:
        """When the first is released; None where none waits for a time."""
        if not self._heap or self._heap[0][0] == _NEVER:
            return None
        return int(self._heap[0][0])

    def push(self, now: int, packet: Packet, fault: Fault) -> None:
        duration = fault.duration
        due = _NEVER if duration is None else now + round(duration * _SECOND)
        self._number += 1
        self.bytes += len(packet.frame)
        heapq.heappush(self._heap, (due, self._number, packet, fault))

    def pop(self) -> tuple[Packet, Fault]:
        """The one that is released first."""
        _, _, packet, fault = heapq.heappop(self._heap)
        self.bytes -= len(packet.frame)
        return packet, fault

    def pop_until(self, moment: str) -> list[tuple[Packet, Fault]]:
        """All that wait for ``moment``, in the order they came."""
        freed = [each for each in self._heap if str(each[3].until) == moment]
        self._heap = [each for each in self._heap if str(each[3].until) != moment]
        heapq.heapify(self._heap)
        self.bytes -= sum(len(packet.frame) for _, _, packet, _ in freed)
        freed.sort(key=lambda each: each[1])
        return [(packet, fault) for _, _, packet, fault in freed]
