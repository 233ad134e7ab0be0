"""What operations and programs come to."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.expectations.base import Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrnoExpected(Expectation):
    """The first operation that fails on ``name`` fails with ``errno``; None: nothing fails."""

    name: str
    errno: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedExpected(Expectation):
    """What the opener of ``connection`` received. None leaves a property unjudged."""

    connection: str
    size: int | None = None
    sha256: str | None = None
    expected_text: str | None = None
    equals_sent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramExpected(Expectation):
    """The program ``name`` exits with ``exit_code`` and its output matches ``output`` (a regex)."""

    name: str
    exit_code: int | None = None
    output: str | None = None
