"""A premise of a shipped lab, broken on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netlab import shipped
from netlab.testing.commands import Outcome


@dataclass(frozen=True, slots=True)
class Broken:
    """``lab`` with ``old`` replaced by ``new`` no longer shows ``fact``, a sentence's beginning."""

    lab: str
    old: str
    new: str
    fact: str

    @property
    def text(self) -> str:
        text = (shipped.folder() / f"{self.lab}.yaml").read_text()
        assert self.old in text, f"{self.lab} has no {self.old!r} any more"
        return text.replace(self.old, self.new)


#: On a busy machine chance can make true what the lab no longer provides, once.
_RUNS = 3


def assert_named(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    """A run failed, and named the fact."""
    for _ in range(_RUNS):
        outcome = run_lab(broken.text)
        if outcome.exit_code != 0:
            break
    assert outcome.exit_code == 1, str(outcome)
    assert any(text.startswith(broken.fact) for text in outcome.failed), str(outcome)
