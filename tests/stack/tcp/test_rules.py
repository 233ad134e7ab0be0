from __future__ import annotations

from pathlib import Path

from netlab.testing.rfc9293 import REMARKS, RULES, shown_by, table

TESTS = Path(__file__).parents[2]
DOCUMENT = TESTS.parent / "docs" / "rfc9293.md"


def test_every_must_is_shown_by_a_test_or_it_is_said_why_not():
    silent = [rule for rule in RULES if rule not in shown_by(TESTS) and rule not in REMARKS]
    assert not silent


def test_marks_name_rules_that_there_are():
    musts = {rule for rule in shown_by(TESTS) if rule.startswith("MUST")}
    assert musts <= set(RULES)


def test_the_document_is_made_from_the_marks():
    assert DOCUMENT.read_text() == table(TESTS), "make it anew: see its head"
