"""Which packets are seen."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.expectations.base import Count, Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketsExpected(Expectation):
    """Packets match ``expressions`` (see netlab.wire.filter).

    One expression with ``count``: so many packets match. Several: they match in this order, others
    between them allowed unless ``exact``. Each packet is seen once, where its source sent it, or,
    with ``at`` (``node`` or ``node:interface``), as often as that place saw it. ``connection``
    limits the view to one connection's packets.
    """

    expressions: tuple[str, ...]
    count: Count | None = None
    exact: bool = False
    at: str | None = None
    connection: str | None = None
