"""All that is wrong with one file, found in one go."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.errors import Problem, TopologyError
from netlab.topology.marks import Document, Path, spelled


class Problems:
    """Collects problems by their path; the document knows where that is."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._found: dict[tuple[Path, str], Problem] = {}

    def __len__(self) -> int:
        return len(self._found)

    def add(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> None:
        """``key`` puts the problem at the key of ``path``, not at its value."""
        real = self.document.real(path)
        mark = self.document.mark(real, key=key)
        self._found.setdefault(
            (real, message),
            Problem(self.document.source, mark.line, mark.column, spelled(real), message, hint),
        )

    def found(self, problems: Iterable[Problem]) -> None:
        """What is wrong with a Plan, whose parts know their places."""
        for problem in problems:
            self._found.setdefault(((problem.line, problem.column), problem.message), problem)

    def finish(self) -> None:
        """Raises TopologyError if there is any."""
        if self._found:
            raise TopologyError(list(self._found.values()))
