"""A packet filter: ``{drop: icmp.type == 3}``, ``{reject: tcp.dstport == 80, with: icmp 3/13}``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator

from netlab.topology.filters import Hook
from netlab.topology.hints import shown
from netlab.topology.model.base import Model, exactly_one_of, in_words, refuse
from netlab.topology.model.fields import Mtu, Text, word_of

_ICMP = re.compile(r"(?P<name>icmp|icmpv6)\s+(?P<type>[0-9]{1,3})/(?P<code>[0-9]{1,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class IcmpKind:
    """``version`` is that of IP."""

    version: int
    type: int
    code: int


def icmp_kind(value: Any) -> IcmpKind:
    """``icmp 3/13`` or ``icmpv6 1/1``; ValueError in words."""
    match = _ICMP.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(
            f"an ICMP message looks like 'icmp 3/13' or 'icmpv6 1/1', not {shown(value)}"
        )
    kind = IcmpKind(6 if match["name"] == "icmpv6" else 4, int(match["type"]), int(match["code"]))
    if kind.type > 255 or kind.code > 255:
        raise ValueError(f"type and code are 0 to 255 each, not {kind.type}/{kind.code}")
    return kind


def _answer(value: Any) -> IcmpKind | str:
    return "rst" if value == "rst" else icmp_kind(value)


_PATTERN = r"(icmp|icmpv6)\s+[0-9]{1,3}/[0-9]{1,3}"
AnIcmpKind = Annotated[
    IcmpKind,
    PlainValidator(in_words(icmp_kind)),
    WithJsonSchema({"type": "string", "pattern": f"^{_PATTERN}$"}),
]
Answer = Annotated[
    IcmpKind | str,
    PlainValidator(in_words(_answer)),
    WithJsonSchema({"type": "string", "pattern": f"^({_PATTERN}|rst)$"}),
]


class Filter(Model):
    """Packets that do not pass a node."""

    model_config = ConfigDict(json_schema_extra=exactly_one_of(("drop", "reject")))

    drop: Text | None = None
    """A packet expression: what matches vanishes."""

    reject: Text | None = None
    """A packet expression: what matches is answered with an error."""

    answer: Answer | None = Field(default=None, alias="with")
    """The error of a rejection: ``icmp 3/13``, ``icmpv6 1/1``, or ``rst``.

    When not given, *administratively prohibited* in the packet's own version of IP."""

    mtu: Mtu | None = None
    """The next-hop MTU that ``icmp 3/4`` and ``icmpv6 2/0`` tell."""

    on: Annotated[str, *word_of(tuple(Hook), "'on'")] = "forward"
    """Which packets: those through the node, those for it (input), those from it (output)."""

    @model_validator(mode="after")
    def _one_verdict(self) -> Self:
        if (self.drop is None) == (self.reject is None):
            raise refuse("a filter takes either 'drop' or 'reject'")
        if self.answer is not None and self.reject is None:
            raise refuse("only a rejection is answered", "write 'reject'", at="with")
        if self.mtu is not None and not self._tells_mtu:
            raise refuse("only icmp 3/4 and icmpv6 2/0 tell an MTU", at="mtu")
        return self

    @property
    def _tells_mtu(self) -> bool:
        return self.answer in {IcmpKind(4, 3, 4), IcmpKind(6, 2, 0)}
