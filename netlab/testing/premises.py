"""A premise of a shipped lab, broken on purpose."""

from __future__ import annotations

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


def assert_named(broken: Broken, outcome: Outcome) -> None:
    """The run failed, and named the fact."""
    assert outcome.exit_code == 1, str(outcome)
    assert any(text.startswith(broken.fact) for text in outcome.failed), str(outcome)
