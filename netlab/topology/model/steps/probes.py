"""What a node finds out about the network, and what it tells others about it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology.hints import shown
from netlab.topology.model.base import in_words
from netlab.topology.model.fields import (
    Duration,
    Flag,
    InterfaceName,
    Label,
    NodeName,
    Size,
    Text,
    network,
    whole_number,
    word_of,
)
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


PROBE_VERBS = ("ping", "traceroute", "observe", "stop", "advertise")

ProbeStep = (
    Annotated[Ping, Tag("ping")]
    | Annotated[Traceroute, Tag("traceroute")]
    | Annotated[Observe, Tag("observe")]
    | Annotated[Stop, Tag("stop")]
    | Annotated[Advertise, Tag("advertise")]
)
