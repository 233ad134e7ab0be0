"""A link: ``a -- b``, ``{ends: [a, "b:path1"], mtu: 1400}`` or ``{lan: [r1, c1..20]}``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import ConfigDict, PlainValidator, WithJsonSchema, model_validator

from netlab.topology import ranges
from netlab.topology.hints import shown
from netlab.topology.model.base import Model, ShortForm, exactly_one_of, in_words, refuse
from netlab.topology.model.fields import (
    MAX_MTU,
    MIN_MTU,
    Network,
    interface_name,
    matching,
    node_name,
)
from netlab.topology.model.impairment import EngineName, Fault, Impair
from netlab.topology.model.node import Offloading

_NAME = matching(r"[\w .:+/-]{1,60}", "is no link name; use letters, digits, spaces and '-'")


@dataclass(frozen=True, slots=True)
class End:
    """``nodes`` are the names that a range such as ``c1..20`` stands for."""

    written: str
    nodes: tuple[str, ...]
    interface: str | None


def end(value: Any) -> End:
    """The end written as ``a``, ``a:eth1`` or ``c1..20``; ValueError in words."""
    if not isinstance(value, str):
        raise ValueError(f"an end of a link is a node's name, not {shown(value)}")  # noqa: TRY004 - a user's value
    node, colon, interface = value.strip().partition(":")
    names = ranges.expand(node)
    for name in {names[0], names[-1]}:
        node_name(name)
    return End(value.strip(), names, interface_name(interface) if colon else None)


def split(text: str) -> list[str]:
    """The two ends of ``a -- b``; ValueError in words."""
    ends = [part.strip() for part in text.split("--")]
    if len(ends) > 2:
        raise ValueError(
            f"{shown(text)} has {len(ends)} ends; a link has two: write each link on its own, "
            "or {lan: [" + ", ".join(ends)[:60] + "]}"
        )
    if len(ends) < 2 or not all(ends):
        raise ValueError(f"{shown(text)} is no link; a link looks like 'a -- b'")
    return ends


def _widen(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"ends": in_words(split)(value)}


def _mtu_of_ends(value: Any) -> dict[str | None, int]:
    """The MTU by end; None is every end."""
    if isinstance(value, dict):
        return {key: _mtu(mtu) for key, mtu in value.items()}
    return {None: _mtu(value)}


def _mtu(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"an MTU is a whole number, not {shown(value)}")  # noqa: TRY004 - a user's value
    if not MIN_MTU <= value <= MAX_MTU:
        raise ValueError(f"an MTU is {MIN_MTU} to {MAX_MTU}, not {value}")
    return value


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


_MTU_NUMBER = {"type": "integer", "minimum": MIN_MTU, "maximum": MAX_MTU}
_MTU_SCHEMA = {"anyOf": [_MTU_NUMBER, {"type": "object", "additionalProperties": _MTU_NUMBER}]}

EndText = Annotated[End, PlainValidator(in_words(end)), WithJsonSchema({"type": "string"})]


class Link(Model):
    model_config = ConfigDict(json_schema_extra=exactly_one_of(("ends", "lan")))

    ends: tuple[EndText, ...] | None = None
    """The two ends of a point-to-point link: ``node`` or ``node:interface``."""

    lan: tuple[EndText, ...] | None = None
    """The ends of a LAN, two or more."""

    name: Annotated[
        str | None, PlainValidator(in_words(_NAME)), WithJsonSchema({"type": "string"})
    ] = None

    mtu: Annotated[
        dict[str | None, int] | None,
        PlainValidator(in_words(_mtu_of_ends)),
        WithJsonSchema(_MTU_SCHEMA),
    ] = None
    """One for all ends, or one for each: ``{a: 9000, b: 1280}``."""

    subnet: Annotated[tuple[Network, ...], ShortForm(None, _as_list)] | None = None
    """A subnet, or a list of them; from the pools, when not given."""

    offload: Offloading | None = None

    impair: Impair | None = None
    """A profile for both ways, or one for each: ``{"->": {loss: 1%}}``; by member on a LAN."""

    faults: Annotated[tuple[Fault, ...], ShortForm(None, _as_list)] = ()
    """What happens to exact packets, such as ``{drop: tcp.flags.fin, nth: 2}``."""

    engine: EngineName | None = None
    """What carries ``impair`` and ``faults`` out; netlab chooses, when not given."""

    @model_validator(mode="after")
    def _two_ends(self) -> Self:
        if (self.ends is None) == (self.lan is None):
            raise refuse("a link has either 'ends' or 'lan'", "or is written 'a -- b'")
        if self.ends is not None and len(self.ends) != 2:
            raise refuse(
                f"a link has two ends, not {len(self.ends)}", "for more, write lan", at="ends"
            )
        if self.ends is not None and all(len(end.nodes) > 1 for end in self.ends):
            raise refuse("only one end of a link can be a range", "write the links out")
        if self.lan is not None and sum(len(end.nodes) for end in self.lan) < 2:
            raise refuse("a LAN has two ends or more", at="lan")
        return self


AnyLink = Annotated[Link, ShortForm({"type": "string", "pattern": "^[^-].* -- .+$"}, _widen)]
