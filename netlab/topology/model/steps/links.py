"""What happens to links."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Tag, model_validator

from netlab.topology.model.base import Model, exactly_one_of, refuse
from netlab.topology.model.fields import Text
from netlab.topology.model.steps.base import DurationOrTrue, Timed


class SetLink(Timed):
    link: Text
    """The link's name or its ends, such as ``r1 -- server:path1``."""

    down: DurationOrTrue = None
    """True, or how long the link is down."""

    up: DurationOrTrue = None

    model_config = Model.model_config | {"json_schema_extra": exactly_one_of(("down", "up"))}

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if ("down" in self.model_fields_set) == ("up" in self.model_fields_set):
            raise refuse("a link step takes either 'down' or 'up'")
        return self


LINK_VERBS = ("link",)

LinkStep = Annotated[SetLink, Tag("link")]
