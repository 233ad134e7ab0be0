"""Every shipped lab has its page, and the index knows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netlab import shipped

LESSONS = Path(__file__).parents[2] / "docs" / "lessons"


@pytest.mark.parametrize("name", shipped.names())
def test_a_lab_has_a_lesson(name: str) -> None:
    page = f"{name.replace('/', '-')}.md"

    assert f"\nnetlab run {name}\n" in (LESSONS / page).read_text()
    assert f"]({page}) | `{name}` |" in (LESSONS / "README.md").read_text()


@pytest.mark.parametrize("page", sorted(LESSONS.glob("*.md")), ids=lambda page: page.stem)
def test_every_link_of_a_lesson_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", page.read_text())

    assert [target for target in targets if not (LESSONS / target).exists()] == []
