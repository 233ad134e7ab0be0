"""The labs of sockets fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = pytest.mark.lab

BROKEN = {
    "concurrent server that is iterative": Broken(
        "sockets/concurrent-server",
        "model: fork",
        "model: iterative",
        "the second client is served",
    ),
    "concurrent server at one address": Broken(
        "sockets/concurrent-server",
        "echo: tcp/21,",
        "echo: tcp/21, address: 12.106.32.254,",
        "figure 2-11",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab(broken.text))
