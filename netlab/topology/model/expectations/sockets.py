"""A node's socket table."""

from __future__ import annotations

from typing import Annotated

from pydantic import Tag

from netlab.topology.model.expectations.base import Expected, Texts
from netlab.topology.model.fields import Flag, NodeName
from netlab.topology.model.steps.base import AMoment


class Sockets(Expected):
    sockets: dict[NodeName, Texts]
    """A node's sockets as ``{local, foreign} STATE``."""

    at: AMoment | None = None
    """When; at the scenario's end, when not given."""

    only: Flag = False
    """The node has no others."""


SOCKET_TABLE_VERBS = ("sockets",)
SocketTableExpectation = Annotated[Sockets, Tag("sockets")]
