"""No shipped lab is without a test that breaks it."""

from __future__ import annotations

import re
from pathlib import Path

from netlab import shipped

PREMISES = Path(__file__).parent / "premises"


def test_every_lab_is_broken_at_least_once() -> None:
    text = "".join(page.read_text() for page in sorted(PREMISES.glob("test_*.py")))
    broken = set(re.findall(r'Broken\(\s*"([^"]+)"', text))

    assert broken == set(shipped.names())
