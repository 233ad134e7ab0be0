"""How long things take, how fast packets come, and what a connection measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from netlab.topology.expectations.base import Bounds, Expectation, Windowed
from netlab.topology.steps import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeExpected(Expectation):
    """The time in seconds from ``start`` to ``end``: moments, or the first packet that matches.

    A packet for ``end`` is the first one after ``start``. Packets are timed where their source
    sent them, or at ``at``.
    """

    on_packets: ClassVar[bool] = True

    start: Moment | str
    end: Moment | str
    bounds: Bounds
    at: str | None = None
    connection: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalsExpected(Windowed):
    """The seconds between packets that match, one after the other.

    Each lies within its own of ``bounds``; where there is one only, all lie within it.
    """

    expression: str
    bounds: tuple[Bounds, ...]
    at: str | None = None
    connection: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayExpected(Windowed):
    """The seconds that each packet takes from where its source sent it to where it arrived."""

    expression: str
    bounds: Bounds
    connection: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateExpected(Windowed):
    """Bits or (``of_packets``) packets per second of those that match, from first to last.

    Bits are those of whole frames without their checksum, as captured.
    """

    expression: str
    bounds: Bounds
    of_packets: bool = False
    at: str | None = None
    connection: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodputExpected(Expectation):
    """The bits of data per second that the operations on ``connection`` carried."""

    connection: str
    bounds: Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricExpected(Expectation):
    """A number about one end of a connection; ``node`` None is the end that opened it.

    ``pick`` is what of a value that changes over time is meant: ``max``, ``min``, ``first`` or
    ``last``; None for a count.
    """

    on_packets: ClassVar[bool] = True

    connection: str
    node: str | None
    metric: str
    pick: str | None
    bounds: Bounds
