"""What a step sends, receives and expects: sizes and texts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from netlab.topology import units
from netlab.topology.hints import did_you_mean, shown
from netlab.topology.model.base import JsonSchema, in_words
from netlab.topology.steps import Payload

_TEXT_SCHEMA: JsonSchema = {
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}


#: What can be received besides bytes that are counted or known.
_KEYWORDS = ("eof", "datagram", "message", "urgent", "nothing")


def payload(value: Any) -> Payload:
    """``4000 bytes`` is that many; another text is itself; ``{text: "4000 bytes"}`` is text.

    ``{hex: "1234 55aa"}`` are the bytes.
    """
    if isinstance(value, dict):
        if "hex" in value:
            return _of_digits(_only(value, "hex"))
        return _of_text(_only(value, "text", "hex"))
    if isinstance(value, str) and not units.is_size(value):
        return _of_text(value)
    return Payload(units.size(value))


def incoming(value: Any) -> Payload | str:
    """A payload, or one of the words."""
    if value in _KEYWORDS:
        return str(value)
    if isinstance(value, dict):
        return _of_text(_only(value, "text"))
    if isinstance(value, str) and not units.is_size(value):
        near = did_you_mean(value, _KEYWORDS)
        advice = f" ({near})" if near else ""
        raise ValueError(
            f"'receive' takes a size such as 4000 bytes, eof, datagram, message, urgent, "
            f"nothing or {{text: …}}, not {shown(value)}{advice}"
        )
    return Payload(units.size(value))


def _only(value: dict[str, Any], wanted: str, *others: str) -> str:
    """The text that ``wanted`` is, which is the only key."""
    for key in value:
        if key != wanted:
            near = did_you_mean(key, [wanted, *others])
            raise ValueError(f"unknown key {shown(key)}" + (f" ({near})" if near else ""))
    text = value.get(wanted)
    if not isinstance(text, str):
        raise ValueError(f"{wanted!r} must be text, not {shown(text)}")  # noqa: TRY004 - a user's value
    return text


def _of_text(text: str) -> Payload:
    size = len(text.encode())
    if size == 0:
        raise ValueError("there is nothing in it")
    return Payload(size, text)


def _of_digits(digits: str) -> Payload:
    try:
        given = bytes.fromhex(digits)
    except ValueError:
        raise ValueError(f"'hex' takes pairs of hexadecimal digits, not {shown(digits)}") from None
    if not given:
        raise ValueError("there is nothing in it")
    return Payload(len(given), hex=given.hex())


_HEX_SCHEMA: JsonSchema = {
    "type": "object",
    "properties": {"hex": {"type": "string", "pattern": "^([0-9A-Fa-f]{2} *)+$"}},
    "required": ["hex"],
    "additionalProperties": False,
}
_SIZE_OR_GIVEN = {"anyOf": [{"type": "string"}, _TEXT_SCHEMA, _HEX_SCHEMA]}
_INCOMING = {
    "anyOf": [
        {"type": "string", "pattern": f"{units.SIZE_PATTERN}|^({'|'.join(_KEYWORDS)})$"},
        _TEXT_SCHEMA,
    ]
}

Outgoing = Annotated[Payload, PlainValidator(in_words(payload)), WithJsonSchema(_SIZE_OR_GIVEN)]
Incoming = Annotated[Payload | str, PlainValidator(in_words(incoming)), WithJsonSchema(_INCOMING)]
