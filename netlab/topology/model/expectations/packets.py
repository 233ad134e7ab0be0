"""Which packets are seen, and where; which never; which are lost on their way."""

from __future__ import annotations

from typing import Annotated

from pydantic import Tag

from netlab.topology.model.base import Model
from netlab.topology.model.expectations.base import ACount, Expected, Texts, Windowed
from netlab.topology.model.fields import Duration, Flag, Label, Text, word_of

_WAY = word_of(("->", "<-"), "'way'")


class Packets(Expected, Windowed):
    packets: Texts
    """A packet expression, or several that match in this order."""

    count: ACount | None = None
    """How many packets match, such as 0 or ``>= 1``."""

    exact: Flag = False
    """No other packets between them."""

    at: Text | None = None
    """Where the packets are looked at: ``node`` or ``node:interface``."""

    over: Label | None = None
    """Only the packets of this connection."""


class Never(Expected, Windowed):
    never: Text
    """A packet expression that no packet of the whole run matches."""

    within: Duration = 0.0
    """How long after the scenario's end packets are still watched."""

    at: Text | None = None
    """Where the packets are looked at: ``node`` or ``node:interface``."""

    over: Label | None = None
    """Only the packets of this connection."""


class Way(Model):
    at: Text
    """A link, a node, or ``node:interface``."""

    what: Text = "ip"
    """Which packets, as a packet expression; all of IP, when not given."""

    way: Annotated[str, *_WAY] | None = None
    """On a link: ``->`` is from its first end to its second; both ways, when not given."""


class Lost(Expected, Windowed):
    lost: Way
    """Packets that went missing there."""

    count: ACount | None = None
    """How many; at least one, when not given."""

    over: Label | None = None
    """Only the packets of this connection."""


class Survived(Expected, Windowed):
    survived: Way
    """Packets that got through there."""

    count: ACount | None = None
    """How many; at least one, when not given."""

    over: Label | None = None
    """Only the packets of this connection."""


PACKET_VERBS = ("packets", "never", "lost", "survived")
PacketExpectation = (
    Annotated[Packets, Tag("packets")]
    | Annotated[Never, Tag("never")]
    | Annotated[Lost, Tag("lost")]
    | Annotated[Survived, Tag("survived")]
)
