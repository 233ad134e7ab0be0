"""The one error of everything that parses bytes."""

from __future__ import annotations


class ParseError(ValueError):
    """Bytes that are not what they should be; the message is a sentence."""
