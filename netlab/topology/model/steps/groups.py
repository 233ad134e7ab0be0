"""Datagrams to many: multicast groups, broadcast, and the errors that sockets hear of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Tag

from netlab.topology.model.base import Model
from netlab.topology.model.fields import AGroup, Flag, InterfaceName, Label, NodeName, whole_number
from netlab.topology.model.steps.base import Timed


class Join(Timed):
    node: NodeName | None = None
    join: AGroup
    """A multicast address, such as 239.1.2.3 or ff15::1."""

    over: Label
    on: InterfaceName | None = None
    """An interface; the node's first, when not given."""


class Leave(Timed):
    node: NodeName | None = None
    leave: AGroup
    over: Label
    on: InterfaceName | None = None


class Sending(Model):
    ttl: Annotated[int, *whole_number(0, 255, "a TTL")] | None = None
    """How many links a datagram to a group may cross; 1, when not given."""

    loop: Flag | None = None
    """Whether members on the sender's own node get it; true, when not given."""

    on: InterfaceName | None = None
    """The interface that datagrams to groups leave by; that of the route, when not given."""


class Multicast(Timed):
    node: NodeName | None = None
    multicast: Sending
    """How the socket sends to groups."""

    over: Label


class Broadcast(Timed):
    node: NodeName | None = None
    broadcast: Label
    """The socket that may send to broadcast addresses from now on."""


class HearErrors(Timed):
    node: NodeName | None = None
    hear_errors: Label
    """The socket that is told of every ICMP error from now on, soft ones too (IP_RECVERR)."""


GROUP_VERBS = ("join", "leave", "multicast", "broadcast", "hear_errors")

GroupStep = (
    Annotated[Join, Tag("join")]
    | Annotated[Leave, Tag("leave")]
    | Annotated[Multicast, Tag("multicast")]
    | Annotated[Broadcast, Tag("broadcast")]
    | Annotated[HearErrors, Tag("hear_errors")]
)
