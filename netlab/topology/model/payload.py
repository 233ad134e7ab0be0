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
    """``4000 bytes`` is that many; another text is itself; ``{text: "4000 bytes"}`` is text."""
    if isinstance(value, dict):
        return _of_text(_only_text(value))
    if isinstance(value, str) and not units.is_size(value):
        return _of_text(value)
    return Payload(units.size(value))


def incoming(value: Any) -> Payload | str:
    """A payload, or one of the words."""
    if value in _KEYWORDS:
        return str(value)
    if isinstance(value, dict):
        return _of_text(_only_text(value))
    if isinstance(value, str) and not units.is_size(value):
        near = did_you_mean(value, _KEYWORDS)
        advice = f" ({near})" if near else ""
        raise ValueError(
            f"'receive' takes a size such as 4000 bytes, eof, datagram, message, urgent, "
            f"nothing or {{text: …}}, not {shown(value)}{advice}"
        )
    return Payload(units.size(value))


def _only_text(value: dict[str, Any]) -> str:
    for key in value:
        if key != "text":
            near = did_you_mean(key, ["text"])
            raise ValueError(f"unknown key {shown(key)}" + (f" ({near})" if near else ""))
    text = value.get("text")
    if not isinstance(text, str):
        raise ValueError(f"'text' must be text, not {shown(text)}")  # noqa: TRY004 - a user's value
    return text


def _of_text(text: str) -> Payload:
    size = len(text.encode())
    if size == 0:
        raise ValueError("there is nothing in it")
    return Payload(size, text)


_SIZE_OR_TEXT = {"anyOf": [{"type": "string"}, _TEXT_SCHEMA]}
_INCOMING = {
    "anyOf": [
        {"type": "string", "pattern": f"{units.SIZE_PATTERN}|^({'|'.join(_KEYWORDS)})$"},
        _TEXT_SCHEMA,
    ]
}

Outgoing = Annotated[Payload, PlainValidator(in_words(payload)), WithJsonSchema(_SIZE_OR_TEXT)]
Incoming = Annotated[Payload | str, PlainValidator(in_words(incoming)), WithJsonSchema(_INCOMING)]
