"""System calls that fail as they should."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from errno import errorcode


@contextmanager
def fails_with(*numbers: int) -> Iterator[None]:
    """What is done in it raises OSError, with one of these errnos."""
    caught = None
    try:
        yield
    except OSError as error:
        caught = error
    names = " or ".join(errorcode[number] for number in numbers)
    assert caught is not None, f"nothing failed, though it should with {names}"
    assert caught.errno in numbers, f"{caught!r} instead of {names}"
