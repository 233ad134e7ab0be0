"""What came of a run's expectations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judgement:
    """One expectation, judged.

    ``expected`` and ``seen`` are short texts, one or more lines each; ``seen`` is what came
    nearest. ``frames`` are the numbers of the frames in lab.pcapng that show it.
    """

    text: str
    where: str
    passed: bool
    expected: str
    seen: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """``failures`` are steps and services that failed although nothing expected it."""

    judgements: tuple[Judgement, ...]
    failures: tuple[str, ...] = ()
    interrupted: str | None = None

    @property
    def passed(self) -> bool:
        return not self.failures and not self.interrupted and all(j.passed for j in self.judgements)
