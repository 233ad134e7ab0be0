"""What a node finds out about the network, and what it tells others about it."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, PlainValidator, Tag, WithJsonSchema, model_validator

from netlab.topology.hints import shown
from netlab.topology.model.base import Model, exactly_one_of, in_words, refuse
from netlab.topology.model.fields import (
    Duration,
    Flag,
    InterfaceName,
    Label,
    Mtu,
    NodeName,
    Size,
    Text,
    network,
    whole_number,
    word_of,
)
from netlab.topology.model.filter import IcmpKind, icmp_kind
from netlab.topology.model.steps.base import Timed

_VERSION = Annotated[int, *whole_number(4, 6, "a version of IP")]
_TTL = Annotated[int, *whole_number(1, 255, "a TTL")]


class Ping(Timed):
    node: NodeName
    ping: Text
    """A node, ``node.interface`` or an address."""

    name: Label | None = Field(default=None, alias="as")
    ip: _VERSION = 4
    """The version of IP, where the peer is a node."""

    count: Annotated[int, *whole_number(1, 10_000, "'count'")] = 3
    size: Size = 56
    """The data of each echo."""

    interval: Duration = 0.01
    timeout: Duration = 1.0
    """How long the last reply may take."""

    ttl: _TTL | None = None
    df: Flag | None = None
    """True sets DF, and no packet is fragmented where it starts."""


class Traceroute(Timed):
    node: NodeName
    traceroute: Text
    name: Label | None = Field(default=None, alias="as")
    ip: _VERSION = 4
    by: Annotated[str, *word_of(("udp", "icmp"), "'by'")] = "udp"
    """What a probe is."""

    hops: Annotated[int, *whole_number(1, 255, "'hops'")] = 30
    """Where it ends if the target does not answer."""

    timeout: Duration = 1.0
    """How long a hop may take to answer."""


class Observe(Timed):
    node: NodeName
    observe: Annotated[str, *word_of(("icmp",), "'observe'")]
    """ICMP messages, as a process with a raw socket sees them."""

    messages: Annotated[str, *word_of(("errors", "all"), "'messages'")] = "errors"

    name: Label | None = Field(default=None, alias="as")


class Stop(Timed):
    node: NodeName | None = None
    stop: Label
    """The observer that stops."""


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


class Injected(Model):
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
    def _one_kind(self) -> Self:
        if (self.icmp is None) == (self.icmpv6 is None):
            raise refuse("an ICMP message takes either 'icmp' or 'icmpv6'")
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


class Inject(Timed):
    node: NodeName
    inject: Injected
    """An ICMP message, sent from the node."""


def _prefix(value: Any) -> str:
    found = network(value)
    if found.version != 6:
        raise ValueError(f"routers advertise IPv6 prefixes such as fd99::/64, not {shown(value)}")
    return str(found)


class Advertise(Timed):
    node: NodeName
    advertise: Annotated[str, PlainValidator(in_words(_prefix)), WithJsonSchema({"type": "string"})]
    """The prefix of a router advertisement, such as ``fd99::/64``."""

    name: Label | None = Field(default=None, alias="as")
    on: InterfaceName | None = None
    """An interface; the node's first, when not given."""

    lifetime: Duration = 1800.0
    """How long prefix and router are good for."""

    router: Flag = True
    """Whether the sender is a default router."""


PROBE_VERBS = ("ping", "traceroute", "observe", "stop", "inject", "advertise")

ProbeStep = (
    Annotated[Ping, Tag("ping")]
    | Annotated[Traceroute, Tag("traceroute")]
    | Annotated[Observe, Tag("observe")]
    | Annotated[Stop, Tag("stop")]
    | Annotated[Inject, Tag("inject")]
    | Annotated[Advertise, Tag("advertise")]
)
