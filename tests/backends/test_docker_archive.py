"""Tar files, as another program reads them."""

from __future__ import annotations

from netlab.backends.docker.archive import packed
from netlab.testing.archives import unpacked


def test_contents_and_modes_are_in_it():
    found = unpacked(packed([("etc/motd", b"hello", 0o600), ("usr/bin/greet", b"#!", 0o755)]))

    assert found == {"etc/motd": (0o600, b"hello"), "usr/bin/greet": (0o755, b"#!")}


def test_the_same_entries_give_the_same_bytes():
    entries = [("one", b"1", 0o644), ("two", b"2", 0o644)]

    assert packed(entries) == packed(entries)
    assert packed(entries) != packed(reversed(entries))
