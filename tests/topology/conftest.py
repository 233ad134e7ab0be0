from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from netlab.errors import TopologyError
from netlab.topology.loading import load_text
from netlab.topology.plan import Plan

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]


@pytest.fixture
def lab() -> Loading:
    """The Plan of an indented YAML text."""
    return lambda text: load_text(dedent(text).lstrip("\n"), "lab.yaml")


@pytest.fixture
def refused(lab: Loading) -> Refusing:
    """The problems that a text is refused with, one line each."""

    def lines(text: str) -> list[str]:
        with pytest.raises(TopologyError) as caught:
            lab(text)
        return [str(problem) for problem in caught.value.problems]

    return lines
