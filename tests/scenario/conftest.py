from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from netlab.collect.eventlog import EventLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    made = EventLog(tmp_path / "events.jsonl")
    yield made
    made.close()
