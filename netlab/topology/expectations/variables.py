"""What the control block of an end says, and which initial sequence numbers it chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from netlab.topology.expectations.base import Bounds, Expectation, Windowed
from netlab.topology.steps import Moment


@dataclass(frozen=True, slots=True)
class Claim:
    """Something about a ``variable``, by its name in the RFC.

    ``pick`` is what of its values is meant: ``max``, ``min``, ``first``, ``last``, ``always`` (all
    of them), ``ever`` (some), or None for the one at a moment. It lies within ``bounds``, or
    compares by ``sign`` with the variable ``other``, or is one that ``never`` ``falls``,
    ``rises`` or ``changes``. With ``is_switch`` it is about a timer, which is 1 on and 0 off.
    """

    text: str
    variable: str
    pick: str | None = None
    bounds: Bounds | None = None
    sign: str | None = None
    other: str | None = None
    never: str | None = None
    is_switch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VariablesExpected(Windowed):
    """One end of ``connection``; ``node`` None is the end that opened it."""

    connection: str
    node: str | None
    claim: Claim
    at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IsnExpected(Expectation):
    """The initial sequence numbers of ``ends``, each a connection and a node, in this order.

    No two are equal. With ``tick`` (seconds) each is above the one before by what a clock of this
    tick has counted in between, give or take ``tolerance`` (a fraction).
    """

    on_packets: ClassVar[bool] = True

    ends: tuple[tuple[str, str | None], ...]
    tick: float | None = None
    tolerance: float = 0.1
