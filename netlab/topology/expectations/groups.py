"""What many connections or operations have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from netlab.topology.expectations.base import AT_LEAST_ONE, Bounds, Count, Expectation
from netlab.topology.steps import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionsExpected(Expectation):
    """So many connections are as said; None does not ask.

    ``name`` is a connection's or that of a group; ``to_node``, ``to_port`` and ``from_node`` are
    their ends. ``state`` is that of the opener's end, or of the peer's with ``at_server``, at
    ``moment``; without one, an end that was ever in it counts. Some packet of theirs matches
    ``having``, none ``without``.
    """

    on_packets: ClassVar[bool] = True

    name: str | None = None
    from_node: str | None = None
    to_node: str | None = None
    to_port: int | None = None
    state: str | None = None
    at_server: bool = False
    moment: Moment | None = None
    having: str | None = None
    without: str | None = None
    count: Count = AT_LEAST_ONE


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsExpected(Expectation):
    """So many operations on ``name`` came to what is said, and took so long.

    ``op`` None is any of them, ``failed`` None whether it failed or not; ``errno`` is what they
    failed with. ``took`` bounds seconds by what is asked of them: ``min``, ``mean``, ``max``, or a
    percentile such as ``p99``.
    """

    name: str
    op: str | None = None
    failed: bool | None = None
    errno: str | None = None
    count: Count | None = None
    took: tuple[tuple[str, Bounds], ...] = ()
