"""The faults of one direction: which packets they mean."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.fabric.emulator.glance import glance
from netlab.fabric.emulator.sequences import Sequences
from netlab.topology.impairment import Fault
from netlab.wire.fields import Subject
from netlab.wire.filter import Filter
from netlab.wire.packet import decode


class ActiveFault:
    """A fault and how far it has counted."""

    def __init__(self, fault: Fault) -> None:
        """FilterError when its expression is wrong."""
        self.fault = fault
        self._filter = Filter(fault.expression)
        self.may_match = glance(self._filter.tree)
        self._matched = 0
        self.needs_checksums = "frame.problem" in fault.expression

    def is_due(self, time: float | None) -> bool:
        """Whether ``time``, in seconds of the scenario, is one of the fault's."""
        since, before = self.fault.since, self.fault.before
        if since is None and before is None:
            return True
        return time is not None and (since or 0.0) <= time and (before is None or time < before)

    def means(self, subject: Subject) -> bool:
        """Count the packet if it matches; whether it is one of those meant."""
        if not self._filter.matches(subject):
            return False
        self._matched += 1
        return self.fault.means(self._matched)

    def is_spent(self, time: float | None) -> bool:
        """Whether it will mean no packet any more."""
        fault = self.fault
        if fault.nth and self._matched >= max(fault.nth):
            return True
        return fault.before is not None and time is not None and time >= fault.before


class Faults:
    def __init__(self, faults: Iterable[Fault], sequences: Sequences) -> None:
        self._sequences = sequences
        self._active = [ActiveFault(fault) for fault in faults]

    def __bool__(self) -> bool:
        return bool(self._active)

    def add(self, fault: Fault) -> None:
        """It counts packets from now on. FilterError when its expression is wrong."""
        self._active.append(ActiveFault(fault))

    def that_mean(self, frame: bytes, time: float | None) -> list[Fault]:
        """All whose packet this is, at a time in seconds of the scenario if it has begun."""
        looking = [each for each in self._active if each.is_due(time) and each.may_match(frame)]
        if not looking:
            return []
        verify = any(each.needs_checksums for each in looking)
        subject = self._sequences.subject(decode(frame, verify=verify))
        meaning = [each.fault for each in looking if each.means(subject)]
        if meaning:
            self._active = [each for each in self._active if not each.is_spent(time)]
        return meaning
