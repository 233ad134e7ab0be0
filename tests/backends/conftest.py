from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that is anybody's, with a short path: a socket's has 107 bytes at most."""
    with TemporaryDirectory(prefix="netlab", dir="/tmp") as name:
        Path(name).chmod(0o777)
        yield Path(name)
