from __future__ import annotations

import pytest

from netlab.testing.ends import Play, on_kernel, on_stack


@pytest.fixture(
    params=[
        pytest.param(on_kernel, id="kernel", marks=pytest.mark.lab),
        pytest.param(on_stack, id="stack"),
    ]
)
def play(request: pytest.FixtureRequest) -> Play:
    """Plays a story by one of the transports that fulfil ``netlab.agent.network``."""
    play: Play = request.param
    return play


@pytest.fixture(params=[4, 6], ids=["IPv4", "IPv6"])
def version(request: pytest.FixtureRequest) -> int:
    version: int = request.param
    return version
