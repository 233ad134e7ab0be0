from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from netlab.testing.agents import AgentProcess


@pytest.fixture
def agent() -> Iterator[AgentProcess]:
    process = AgentProcess()
    yield process
    process.end()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A listening TCP socket of the test's own."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.settimeout(20)
        yield made
