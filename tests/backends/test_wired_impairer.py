from __future__ import annotations

import pytest

from netlab.backends.wired.impairer import _in_words


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ('What is "seed"?\nUsage: ... netem [ limit PACKETS ]\n', "can give it no seed"),
        ("Error: Specified qdisc kind is unknown.\nCommand failed -:1\n", "sch_netem"),
        ("\nError: syntax error, unexpected '}'\n", "Error: syntax error, unexpected '}'"),
        ("", ""),
    ],
)
def test_a_refusal_says_what_is_missing(output: str, words: str) -> None:
    assert words in _in_words(output)
