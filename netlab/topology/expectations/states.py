"""The states that an end goes through."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.expectations.base import Windowed


@dataclass(frozen=True, slots=True, kw_only=True)
class StatesExpected(Windowed):
    """One end of ``connection`` goes through ``states``, one directly after the other.

    ``node`` None is the end that opened the connection.
    """

    connection: str
    node: str | None
    states: tuple[str, ...]
