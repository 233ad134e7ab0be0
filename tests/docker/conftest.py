from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from docker.utils import build

from netlab.backends.docker.engine import Engine
from netlab.errors import NetlabError

ROOT = Path(__file__).parents[2]

#: As scripts/base-image makes it.
_OFFLINE_BASE = "netlab/base"


@pytest.fixture(scope="session")
def base(engine: Engine) -> str:
    """The base to build on: that of the environment, else one that needs no registry, if any."""
    offline = _OFFLINE_BASE if engine.images([_OFFLINE_BASE]) else ""
    return os.environ.get("NETLAB_BASE", offline)


@pytest.fixture(scope="session")
def lab_image(engine: Engine, base: str) -> str:
    """The image ``netlab/lab`` of this checkout."""
    if base and not (ROOT / "wheels").is_dir():  # then no package index is reached either
        subprocess.run([ROOT / "scripts/wheels"], check=True)
    dockerfile = (ROOT / "images/lab/Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    with build.tar(str(ROOT), exclude=ignored, dockerfile=("Dockerfile", dockerfile)) as context:
        name = "netlab/lab:latest"
        try:
            engine.build(name, context.read(), {"NETLAB_BASE": base}, lambda _line: None)
        except NetlabError as error:
            pytest.skip(f"{error}: {error.hint}")
    return name
