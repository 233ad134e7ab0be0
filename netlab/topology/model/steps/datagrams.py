"""A datagram made by hand: options, extension headers and fragments as the file has them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from netlab.topology.hints import one_of, shown
from netlab.topology.model.base import Model, in_words
from netlab.topology.model.fields import Flag, Text, whole_number
from netlab.topology.model.payload import Outgoing
from netlab.topology.steps import Extension
from netlab.wire.ipv6 import ExtensionType

_PORT = whole_number(0, 65535, "a port")
_HOPS = whole_number(1, 255, "'ttl'")
_LABEL = whole_number(0, 0xFFFFF, "a flow label")
_IDENTIFICATION = whole_number(0, 0xFFFF_FFFF, "an identification")

#: RFC 791, 3.1: the header has 60 bytes at most.
_MOST_OPTIONS = 40

_EXTENSIONS = {
    "hop-by-hop": ExtensionType.HOP_BY_HOP,
    "routing": ExtensionType.ROUTING,
    "destination": ExtensionType.DESTINATION_OPTIONS,
}
_DIGITS = "([0-9A-Fa-f]{2} *)+"


def _octets(digits: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise ValueError(f"pairs of hexadecimal digits, not {shown(digits)}") from None


def _options(value: Any) -> bytes:
    if not isinstance(value, str):
        raise ValueError(f"'options' are hexadecimal digits in quotes, not {shown(value)}")  # noqa: TRY004 - a user's value
    try:
        octets = _octets(value)
    except ValueError as error:
        raise ValueError(f"'options' are {error}") from None
    if len(octets) > _MOST_OPTIONS:
        raise ValueError(f"{len(octets)} bytes of options are more than {_MOST_OPTIONS}")
    return octets


def _extension(value: Any) -> Extension:
    name, _, digits = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if name not in _EXTENSIONS:
        example = "an extension header looks like 'destination 0104 0000 0000'"
        raise ValueError(f"{example}, not {shown(value)}; there are {one_of(_EXTENSIONS)}")
    try:
        return Extension(_EXTENSIONS[name], _octets(digits))
    except ValueError as error:
        raise ValueError(f"behind {name} come {error}") from None


def _piece(value: Any) -> range:
    found = re.fullmatch(r"(\d{1,5})-(\d{1,5})", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"a fragment looks like 0-16, the bytes before 16, not {shown(value)}")
    start, end = map(int, found.groups())
    if start >= end:
        raise ValueError(f"there is nothing in the fragment {value}")
    if start % 8:
        raise ValueError(f"a fragment begins at a multiple of 8 (RFC 791, 3.1), not at {start}")
    return range(start, end)


def _text(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


_AnExtension = Annotated[
    Extension,
    PlainValidator(in_words(_extension)),
    _text(f"({'|'.join(_EXTENSIONS)}) {_DIGITS}"),
]
_APiece = Annotated[range, PlainValidator(in_words(_piece)), _text("[0-9]{1,5}-[0-9]{1,5}")]


class Datagram(Model):
    datagram: Text
    """The transport and the peer: ``udp server:7``, ``udp6 server:7``."""

    local: Annotated[int, *_PORT] = Field(alias="from")
    """The port that it comes from; no socket is needed there."""

    data: Outgoing | None = None
    """So many bytes, or a text."""

    ttl: Annotated[int, *_HOPS] = 64

    id: Annotated[int, *_IDENTIFICATION] | None = None
    """The identification."""

    df: Flag = False

    flow_label: Annotated[int, *_LABEL] | None = None

    options: Annotated[bytes, PlainValidator(in_words(_options)), _text(_DIGITS)] = b""
    """Of IPv4, in hexadecimal digits; zeros fill them up to a multiple of 4 bytes."""

    extensions: tuple[_AnExtension, ...] = ()
    """Of IPv6, each as ``destination 0104 0000 0000``: what follows the length, in digits."""

    fragments: tuple[_APiece, ...] = ()
    """``0-16`` are the bytes before 16, the UDP header's 8 included. In the order to be sent."""
