"""Packets that nobody else would send: ICMP messages, what is made by hand, old ones once more."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    PlainValidator,
    Tag,
    WithJsonSchema,
    model_validator,
)

from netlab.topology.hints import did_you_mean, one_of, shown
from netlab.topology.model.base import Model, exactly_one_of, in_words, refuse
from netlab.topology.model.fields import Label, Mtu, NodeName, Text, whole_number
from netlab.topology.model.filter import IcmpKind, icmp_kind
from netlab.topology.model.payload import Outgoing
from netlab.topology.model.steps.base import Timed
from netlab.topology.model.steps.datagrams import Datagram
from netlab.topology.model.verbs import one_verb
from netlab.topology.steps import SegmentNumber
from netlab.wire.tcp import Flags


def _numbers(prefix: str) -> tuple[PlainValidator, WithJsonSchema]:
    def parse(value: Any) -> IcmpKind:
        if not isinstance(value, str):
            raise ValueError(f"type and code look like 3/13, not {shown(value)}")  # noqa: TRY004 - a user's value
        return icmp_kind(f"{prefix} {value.strip()}")

    schema = {"type": "string", "pattern": "^[0-9]{1,3}/[0-9]{1,3}$"}
    return PlainValidator(in_words(parse)), WithJsonSchema(schema)


def _gateway(value: Any) -> int:
    try:
        return int(IPv4Address(value))
    except ValueError:
        raise ValueError(f"a gateway is an IPv4 address, not {shown(value)}") from None


_GATEWAY = Annotated[int, PlainValidator(in_words(_gateway)), WithJsonSchema({"type": "string"})]


class IcmpMessage(Model):
    model_config = ConfigDict(json_schema_extra=exactly_one_of(("icmp", "icmpv6")))

    icmp: Annotated[IcmpKind, *_numbers("icmp")] | None = None
    """Type and code, such as 3/6."""

    icmpv6: Annotated[IcmpKind, *_numbers("icmpv6")] | None = None

    about: Label | None = None
    """The connection whose last packet is quoted: its opener gets the error."""

    to: Text | None = None
    """Who gets a message that quotes nothing: a node, ``node.interface`` or an address."""

    mtu: Mtu | None = None
    pointer: Annotated[int, *whole_number(0, 65535, "a pointer")] | None = None
    gateway: _GATEWAY | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.about is None) == (self.to is None):
            raise refuse("an ICMP message is either 'about' a connection or 'to' somebody")
        given = [key for key in ("mtu", "pointer", "gateway") if getattr(self, key) is not None]
        if len(given) > 1:
            raise refuse(f"an ICMP message has one parameter, not {' and '.join(given)}")
        return self

    @property
    def kind(self) -> IcmpKind:
        kind = self.icmp or self.icmpv6
        assert kind is not None
        return kind

    @property
    def parameter(self) -> int:
        return self.mtu or self.pointer or self.gateway or 0


_FLAGS = tuple(str(flag.name).lower() for flag in Flags)
_BARE = "none"


def _flags(value: Any) -> tuple[str, ...]:
    words = value.split() if isinstance(value, str) else []
    if not words:
        raise ValueError(f"a segment is its flags, such as 'ack' or 'syn ack', not {shown(value)}")
    if words == [_BARE]:
        return ()
    for word in words:
        if word not in _FLAGS:
            near = did_you_mean(word, _FLAGS) or f"there are {one_of(_FLAGS)}, or none"
            raise ValueError(f"{shown(word)} is no flag of TCP ({near})")
    return tuple(flag for flag in _FLAGS if flag in words)


def _segment_number(value: Any) -> SegmentNumber:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    digits = text.lstrip("+-") if isinstance(text, str) else ""
    if not (digits.isascii() and digits.isdigit()) or len(text) - len(digits) > 1:
        raise ValueError(f"a number looks like +10, -1, or 10 from the ISN on, not {shown(value)}")
    if int(digits) >= 1 << 32:
        raise ValueError(f"the numbers of TCP have 32 bits, and {text} does not fit")
    return SegmentNumber(int(text), is_relative=text[0] in "+-")


def _timestamp(value: Any) -> SegmentNumber | str:
    return _BARE if value == _BARE else _segment_number(value)


_NUMBER: dict[str, Any] = {
    "anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[-+]?[0-9]{1,10}$"}]
}
_FLAGS_SCHEMA = {
    "type": "string",
    "pattern": f"^({_BARE}|({'|'.join(_FLAGS)})( +({'|'.join(_FLAGS)}))*)$",
    "examples": ["ack", "syn ack", "rst"],
}
_ANumber = Annotated[
    SegmentNumber, PlainValidator(in_words(_segment_number)), WithJsonSchema(_NUMBER)
]
_ATimestamp = Annotated[
    SegmentNumber | str,
    PlainValidator(in_words(_timestamp)),
    WithJsonSchema({"anyOf": [*_NUMBER["anyOf"], {"const": _BARE}]}),
]
_WINDOW = whole_number(0, 1 << 30, "a window")
_URGENT = whole_number(0, 65535, "an urgent pointer")
_MSS = whole_number(0, 65535, "an MSS")
_NTH = whole_number(1, 1_000_000, "the number of a packet")
_AS_NEXT = SegmentNumber(0, is_relative=True)


class Segment(Model):
    """What is left out is as in the segment that the other end would send next."""

    segment: Annotated[
        tuple[str, ...], PlainValidator(in_words(_flags)), WithJsonSchema(_FLAGS_SCHEMA)
    ]
    """The flags, such as ``ack`` or ``syn ack``; ``none`` has none."""

    to: NodeName
    """The end of the connection that gets it. It seems to come from the other end."""

    about: Label
    """The connection."""

    seq: _ANumber = _AS_NEXT
    """``+10`` is ten after the next in order, ``-1`` one before it; ``10`` counts from the ISN."""

    ack: _ANumber = _AS_NEXT
    """Likewise from all that the receiver has sent in order."""

    window: Annotated[int, *_WINDOW] | None = None
    """In bytes, whatever the scale."""

    data: Outgoing | None = None
    """So many bytes, or a text."""

    timestamp: _ATimestamp = _AS_NEXT
    """The TSval, from the last one on; ``none`` leaves the option out."""

    urgent: Annotated[int, *_URGENT] | None = None
    """The urgent pointer, with its flag."""

    mss: Annotated[int, *_MSS] | None = None
    """The option that a SYN may have."""

    @model_validator(mode="after")
    def _numbers_mean_something(self) -> Self:
        if "ack" in self.model_fields_set and "ack" not in self.segment:
            raise refuse("a segment without the flag 'ack' acknowledges nothing", at="ack")
        if self.mss is not None and "syn" not in self.segment:
            raise refuse("only a SYN says an MSS", at="mss")
        return self


class Replayed(Model):
    replay: Text
    """A packet expression: one that matches and has come by is sent again, byte for byte."""

    about: Label
    """The connection."""

    nth: Annotated[int, *_NTH] = 1
    """Which of those that match, either way; the first is 1."""


_INJECTED = ("icmp", "icmpv6", "segment", "replay", "datagram")


def _kind(value: Any) -> str:
    return next((key for key in ("segment", "replay", "datagram") if key in value), "icmp")


class Inject(Timed):
    node: NodeName
    inject: Annotated[
        Annotated[IcmpMessage, Tag("icmp")]
        | Annotated[Segment, Tag("segment")]
        | Annotated[Replayed, Tag("replay")]
        | Annotated[Datagram, Tag("datagram")],
        Discriminator(_kind),
        BeforeValidator(one_verb(_INJECTED, "a packet to inject", "{icmp: 3/1, about: first}")),
    ]
    """An ICMP message, a segment of TCP, an earlier packet or a datagram, sent from the node."""


INJECTION_VERBS = ("inject",)

InjectionStep = Annotated[Inject, Tag("inject")]
