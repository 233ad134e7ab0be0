"""The user's own programs, resolved."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from netlab.topology.stacks import Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run. ``env`` comes on top of the environment, ``given`` is the standard input."""

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    cwd: str | None = None
    unprivileged: bool = False
    given: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One of: a socket waits at ``port``, the output matches ``log``, ``command`` exits with 0."""

    port: tuple[str, int] | None = None
    log: str | None = None
    command: tuple[str, ...] | None = None

    def question(self) -> dict[str, Any]:
        """Only what it asks."""
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramService:
    """A program that runs from before the scenario; ``within`` (s) it must be ready."""

    name: str
    command: Command
    ready: Probe | None = None
    within: float = 10.0
    may_end: bool = False
    stack: Stack | None = None  # that it is left out without
