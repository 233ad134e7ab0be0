"""What the docker backend does before it has an engine."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from netlab.backends.docker.backend import DockerBackend
from netlab.backends.docker.engine import Engine
from netlab.errors import EnvironmentLacks

NEVER = """
import threading
from netlab.backends.docker.backend import DockerBackend
from netlab.backends.docker.engine import Engine
Engine.connect = threading.Event().wait
DockerBackend().warm()
print("interrupted")
"""


def test_an_engine_that_is_still_looked_for_keeps_nobody_from_ending():
    done = subprocess.run(
        [sys.executable, "-c", NEVER], capture_output=True, timeout=60, check=False
    )

    assert done.stdout == b"interrupted\n"
    assert not done.stderr


def test_whoever_needs_the_engine_hears_why_there_is_none(monkeypatch: pytest.MonkeyPatch):
    def none() -> Engine:
        raise EnvironmentLacks("there is no Docker Engine", hint="start one")

    monkeypatch.setattr(Engine, "connect", none)

    async def story() -> None:
        backend = DockerBackend()
        backend.warm()
        with pytest.raises(EnvironmentLacks, match="no Docker Engine"):
            await backend.connected()

    asyncio.run(story())
