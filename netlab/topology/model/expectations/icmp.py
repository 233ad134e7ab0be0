"""Which ICMP errors are told, about what, and by whom."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology.expectations import IcmpMeant
from netlab.topology.hints import did_you_mean, shown
from netlab.topology.model.base import Model, in_words
from netlab.topology.model.expectations.base import ACount, Expected, Windowed
from netlab.topology.model.fields import Label, NodeName, whole_number
from netlab.wire import icmp, icmpv6

_V4, _V6 = icmp.Type, icmpv6.Type
_UNREACHABLE, _UNREACHABLE_V6 = icmp.Unreachable, icmpv6.Unreachable
_NUMBERS = re.compile(
    r"((?P<name>icmp|icmpv6)\s+)?(?P<type>[0-9]{1,3})\s*/\s*(?P<code>[0-9]{1,3})", re.ASCII
)


def _both(name: str) -> tuple[IcmpMeant, ...]:
    return IcmpMeant(4, _V4[name]), IcmpMeant(6, _V6[name])


def _unreachable(code: int) -> tuple[IcmpMeant, ...]:
    return (IcmpMeant(4, _V4.DESTINATION_UNREACHABLE, code),)


def _unreachable_v6(code: int) -> tuple[IcmpMeant, ...]:
    return (IcmpMeant(6, _V6.DESTINATION_UNREACHABLE, code),)


#: Names of RFC 792, 1122, 1812 and 4443; where both versions have an error, it is either.
_NAMES: dict[str, tuple[IcmpMeant, ...]] = {
    "destination unreachable": _both("DESTINATION_UNREACHABLE"),
    "time exceeded": _both("TIME_EXCEEDED"),
    "parameter problem": _both("PARAMETER_PROBLEM"),
    "redirect": (IcmpMeant(4, _V4.REDIRECT),),
    "source quench": (IcmpMeant(4, _V4.SOURCE_QUENCH),),
    "packet too big": (IcmpMeant(6, _V6.PACKET_TOO_BIG),),
    "fragmentation needed": _unreachable(_UNREACHABLE.FRAGMENTATION_NEEDED),
    "source route failed": _unreachable(_UNREACHABLE.SOURCE_ROUTE_FAILED),
    "net unreachable": _unreachable(_UNREACHABLE.NET),
    "host unreachable": _unreachable(_UNREACHABLE.HOST),
    "protocol unreachable": _unreachable(_UNREACHABLE.PROTOCOL),
    "port unreachable": (
        *_unreachable(_UNREACHABLE.PORT),
        *_unreachable_v6(_UNREACHABLE_V6.PORT),
    ),
    "net unknown": _unreachable(_UNREACHABLE.NET_UNKNOWN),
    "host unknown": _unreachable(_UNREACHABLE.HOST_UNKNOWN),
    "source host isolated": _unreachable(_UNREACHABLE.SOURCE_HOST_ISOLATED),
    "net prohibited": _unreachable(_UNREACHABLE.NET_PROHIBITED),
    "host prohibited": _unreachable(_UNREACHABLE.HOST_PROHIBITED),
    "net unreachable for service": _unreachable(_UNREACHABLE.NET_FOR_SERVICE),
    "host unreachable for service": _unreachable(_UNREACHABLE.HOST_FOR_SERVICE),
    "communication prohibited": (
        *_unreachable(_UNREACHABLE.COMMUNICATION_PROHIBITED),
        *_unreachable_v6(_UNREACHABLE_V6.PROHIBITED),
    ),
    "no route": _unreachable_v6(_UNREACHABLE_V6.NO_ROUTE),
    "beyond scope": _unreachable_v6(_UNREACHABLE_V6.BEYOND_SCOPE),
    "address unreachable": _unreachable_v6(_UNREACHABLE_V6.ADDRESS),
    "hop limit exceeded": (IcmpMeant(6, _V6.TIME_EXCEEDED, 0),),
    "ttl exceeded": (IcmpMeant(4, _V4.TIME_EXCEEDED, 0),),
    "reassembly time exceeded": (
        IcmpMeant(4, _V4.TIME_EXCEEDED, 1),
        IcmpMeant(6, _V6.TIME_EXCEEDED, 1),
    ),
}


def icmp_error(value: Any) -> tuple[str, tuple[IcmpMeant, ...]]:
    """What ``port unreachable``, ``3/4`` or ``icmpv6 2/0`` is; ValueError in words."""
    text = " ".join(value.lower().split()) if isinstance(value, str) else ""
    if text in _NAMES:
        return text, _NAMES[text]
    match = _NUMBERS.fullmatch(text)
    if match is None:
        near = did_you_mean(text, _NAMES)
        advice = f" ({near})" if near else ""
        raise ValueError(
            f"an ICMP error is its name, such as 'port unreachable', or type and code, such as 3/4"
            f" or icmpv6 2/0, not {shown(value)}{advice}"
        )
    kind, code = int(match["type"]), int(match["code"])
    if max(kind, code) > 255:
        raise ValueError(f"an ICMP type or code is 0 to 255, not {max(kind, code)}")
    return text, (IcmpMeant(6 if match["name"] == "icmpv6" else 4, kind, code),)


AnError = Annotated[
    tuple[str, tuple[IcmpMeant, ...]],
    PlainValidator(in_words(icmp_error)),
    WithJsonSchema({"type": "string", "examples": [*_NAMES, "3/4", "icmpv6 2/0"]}),
]


class Told(Model):
    kind: AnError | None = Field(default=None, alias="is")
    """Its name, such as ``fragmentation needed``, or ``3/4``, or ``icmpv6 2/0``."""

    about: Label | None = None
    """The connection whose packet it quotes."""

    mtu: Annotated[int, *whole_number(0, 2**32 - 1, "an MTU")] | None = None
    """The next-hop MTU that it tells."""

    reporter: NodeName | None = Field(default=None, alias="from")
    """The node that sends it."""

    receiver: NodeName | None = Field(default=None, alias="to")
    """The node that gets it."""


class Icmp(Expected, Windowed):
    icmp: Told
    """An ICMP error, of IPv4 or IPv6."""

    count: ACount | None = None
    """How many; at least one, when not given."""


ICMP_VERBS = ("icmp",)
IcmpExpectation = Annotated[Icmp, Tag("icmp")]
