from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.errors import TopologyError
from netlab.topology import reader
from netlab.topology.marks import Mark
from netlab.topology.reader import decode, read


def refusal(text: str) -> str:
    with pytest.raises(TopologyError) as caught:
        read(text, "lab.yaml")
    return str(caught.value)


def test_data_and_the_marks_of_keys_and_values() -> None:
    document = read("a: 1\nb:\n  - x\n  - {c: on}\n", "lab.yaml")
    assert document.data == {"a": 1, "b": ["x", {"c": "on"}]}
    assert document.keys["b", 1, "c"] == Mark(4, 6)
    assert document.values["b", 1, "c"] == Mark(4, 9)
    assert document.where(("b", 0)) == "lab.yaml:3:5"


def test_a_place_that_the_file_lacks_is_the_nearest_above_it() -> None:
    document = read("a: {b: 1}", "lab.yaml")
    assert document.mark(("a", "nothing", "more")) == Mark(1, 4)


def test_keys_are_text_whatever_they_look_like() -> None:
    assert read("7: a\ntrue: b\nnull: c", "x").data == {"7": "a", "true": "b", "null": "c"}


def test_quoted_scalars_are_text() -> None:
    assert read(
        """{a: "7", b: 'true', c: |\n  1\n}""".replace("c: |\n  1\n", "c: ''"), "x"
    ).data == {
        "a": "7",
        "b": "true",
        "c": "",
    }


def test_an_alias_is_a_copy() -> None:
    assert read("a: &x {n: 1}\nb: *x\n", "x").data == {"a": {"n": 1}, "b": {"n": 1}}


def test_all_duplicate_keys_are_named_with_their_first_line() -> None:
    text = "a: 1\nb: {c: 1, c: 2}\na: 3\n"
    assert refusal(text).splitlines() == [
        "lab.yaml:2:11: b.c: the key 'c' stands here twice, first on line 2",
        "lab.yaml:3:1: a: the key 'a' stands here twice, first on line 1",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "lab.yaml:1:1: the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("a: 1\n---\nb: 2\n", "lab.yaml:2:1: a second document"),
        ("a: !!python/object:os.system x", "is not allowed (a topology file has no tags)"),
        ("a: !mine x", "the tag '!mine' is not allowed"),
        ("a: *nothing", "the alias *nothing has no anchor before it"),
        ("a: &x [*x]", "the alias *x stands inside its own anchor"),
        ("a:\n\tb: 1", "lab.yaml:2:1: a tab cannot indent YAML (use spaces)"),
        ("a: b: c", "(quote a text that contains ': ')"),
        ("a: [1, 2", "not valid YAML"),
        ("{[1]: 2}", "a key must be a word, not a list or mapping"),
        ("a: \x00", "lab.yaml:1:4: character U+0000 cannot stand in a YAML file"),
        ("a: 1\nb: \x1b[31m", "lab.yaml:2:4: character U+001B cannot stand in a YAML file"),
        ("a: \ud800", "character U+D800"),
        ("[" * 41, "nested more than 40 levels deep"),
        ("[" * 100_000, "nested more than 40 levels deep"),
        ("a:\n" + "".join(f"{' ' * n}- \n" for n in range(1, 60)), "nested more than 40"),
        ("x" * (reader.MAX_BYTES + 1), "the file is larger than 1 MiB"),
    ],
)
def test_what_could_harm_is_refused_in_words(text: str, says: str) -> None:
    assert says in refusal(text)


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    lines = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"b{n}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]" for n in range(9)]
    assert "aliases expand to more than 10000 values" in refusal("\n".join(lines))


def test_aliases_cannot_nest_deeper_than_brackets() -> None:
    lines = ["a0: &a0 x"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 60)]
    assert "nested more than 40 levels deep" in refusal("\n".join(lines))


def test_bytes_that_are_no_utf8_are_shown_where_they_are() -> None:
    with pytest.raises(TopologyError, match=r"lab\.yaml:2:4: byte 0xff is not UTF-8"):
        decode(b"a: 1\nb: \xff", "lab.yaml")


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode(b"\xef\xbb\xbfa: 1", "x") == "a: 1"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with suppress(TopologyError):
        assert read(decode(raw, "x"), "x").values


@given(st.text(alphabet="abc123:-[]{}&*!|>'\"#,\n\t ?%@~", max_size=60))
def test_anything_like_yaml_is_read_or_refused(text: str) -> None:
    with suppress(TopologyError):
        assert read(text, "x").values
