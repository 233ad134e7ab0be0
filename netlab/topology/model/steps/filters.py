"""What happens to packet filters."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, Tag

from netlab.topology.hints import shown
from netlab.topology.model.base import ShortForm, refuse
from netlab.topology.model.fields import Duration, NodeName
from netlab.topology.model.filter import Filter
from netlab.topology.model.steps.base import Timed


def _none(value: Any) -> Any:
    if isinstance(value, str) and value != "none":
        raise refuse(f"'filter' takes {{drop: …}}, {{reject: …}} or none, not {shown(value)}")
    return None if value == "none" else value


class SetFilter(Timed):
    node: NodeName
    filter: Annotated[Filter | None, ShortForm({"const": "none"}, _none)]
    """A filter to add, such as ``{drop: udp}``; ``none`` removes all of the node."""

    duration: Duration | None = Field(default=None, alias="for")
    """How long the filter stays."""


FILTER_VERBS = ("filter",)

FilterStep = Annotated[SetFilter, Tag("filter")]
