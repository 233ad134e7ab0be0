"""No shipped lab is without a test that breaks it."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path

from netlab import shipped

PREMISES = Path(__file__).parent / "premises"


def test_every_lab_is_broken_at_least_once() -> None:
    pages = [run_path(str(page)) for page in PREMISES.glob("test_*.py")]
    broken = {each.lab for page in pages for each in page["BROKEN"].values()}

    assert broken == set(shipped.names())
