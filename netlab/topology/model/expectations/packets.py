"""Which packets are seen, and where."""

from __future__ import annotations

from typing import Annotated

from pydantic import Tag

from netlab.topology.model.expectations.base import ACount, Expected, Texts
from netlab.topology.model.fields import Flag, Label, Text


class Packets(Expected):
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


PACKET_VERBS = ("packets",)
PacketExpectation = Annotated[Packets, Tag("packets")]
