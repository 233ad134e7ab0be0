"""A node's socket table."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Tag, model_validator

from netlab.topology.model.base import refuse
from netlab.topology.model.expectations.base import Expected, PerhapsTexts
from netlab.topology.model.fields import Flag, NodeName
from netlab.topology.model.steps.base import AMoment


class Sockets(Expected):
    sockets: dict[NodeName, PerhapsTexts]
    """A node's sockets as ``{local, foreign} STATE``; with ``only``, an empty list means none."""

    at: AMoment | None = None
    """When; at the scenario's end, when not given."""

    only: Flag = False
    """The node has no others."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.only and not all(self.sockets.values()):
            raise refuse("an empty list says nothing, unless with 'only: true'")
        return self


SOCKET_TABLE_VERBS = ("sockets",)
SocketTableExpectation = Annotated[Sockets, Tag("sockets")]
