"""The Docker Engine of tests marked ``docker``: the one that netlab itself finds."""

from __future__ import annotations

from functools import cache

from netlab.backends.docker import images
from netlab.backends.docker.engine import Engine
from netlab.errors import EnvironmentLacks


@cache
def found() -> Engine:
    """An engine with netlab's images, of this code; EnvironmentLacks where there is none."""
    engine = Engine.connect()
    for name in images.names():
        engine.image(images.tag(name))
    return engine


@cache
def what_is_lacking() -> str:
    """Why tests that need an engine are skipped; empty where they are not."""
    try:
        found()
    except EnvironmentLacks as error:
        return str(error)
    return ""
