"""Every error netlab raises on purpose.

::

    NetlabError                     exit 4  something in netlab or in the lab broke
    ├── UsageError                  exit 2  the command line asks for what cannot be
    │   └── TopologyError           exit 2  the file is wrong: every problem, each with its place
    ├── EnvironmentLacks            exit 3  this machine lacks something; the hint is the fix
    └── LabError                    exit 4  a lab could not be built, driven or taken down
        └── NodeError               exit 4  … because of one node

An error says what is wrong in one sentence, *where* (``file:line:column`` or a node) and, as a
``hint``, what to do about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class NetlabError(Exception):
    """The base of all errors raised on purpose; ``exit_code`` is what the command line returns."""

    exit_code = 4

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{advice}"


class UsageError(NetlabError):
    """The command line or an API call asks for something that cannot be."""

    exit_code = 2


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in a topology file.

    ``line`` and ``column`` count from 1; ``path`` is the place in the document, such as
    ``nodes.server.mtu``; ``hint`` completes the sentence in brackets.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: "
        path = f"{self.path}: " if self.path else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{path}{self.message}{advice}"


class TopologyError(UsageError):
    """A topology file is wrong. ``problems`` holds all of them, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[TopologyError], tuple[tuple[Problem, ...]]]:
        return TopologyError, (self.problems,)


class EnvironmentLacks(NetlabError):
    """The machine lacks something that was asked for; ``hint`` is the fix."""

    exit_code = 3


class LabError(NetlabError):
    """A lab could not be built, driven or taken down."""


class NodeError(LabError):
    """One node of a lab failed; ``where`` is its name."""
