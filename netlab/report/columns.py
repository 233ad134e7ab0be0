"""Text in columns of a terminal: measured, made printable, elided and wrapped."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

WIDTH = 80
ELLIPSIS = "…"


def printable(text: str) -> str:
    """``text`` without anything that could move the cursor, colour the terminal or break a line."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _is_plain(character) else "\ufffd" for character in text)


def width(text: str) -> int:
    """Columns that printable ``text`` takes: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def elide(text: str, room: int) -> str:
    """``text`` in at most ``room`` columns; ``…`` tells that something is left out."""
    text = printable(text)
    if width(text) <= room:
        return text
    return _head(text, room - 1) + ELLIPSIS if room > 0 else ""


def left(text: str, room: int) -> str:
    text = elide(text, room)
    return text + " " * (room - width(text))


def right(text: str, room: int) -> str:
    text = elide(text, room)
    return " " * (room - width(text)) + text


def wrap(text: str, room: int) -> Iterator[str]:
    """The lines of ``text``, broken at spaces where there are some; at least one line."""
    for line in text.split("\n"):
        yield from _wrap_line(printable(line), room)


def _wrap_line(line: str, room: int) -> Iterator[str]:
    while width(line) > room:
        head = _head(line, room)
        cut = head.rfind(" ")
        if line[len(head)] == " ":
            cut = len(head)
        if cut <= 0:
            cut = len(head)
        yield line[:cut].rstrip()
        line = line[cut:].lstrip()
    yield line


def _head(text: str, room: int) -> str:
    used = 0
    for index, character in enumerate(text):
        used += _width(character)
        if used > room:
            return text[:index]
    return text


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _is_plain(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZ" or character == " "
