"""What happens to links."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, Tag, model_validator

from netlab.topology.hints import one_of
from netlab.topology.model.base import Model, exactly_one_of, refuse
from netlab.topology.model.fields import Duration, Text, whole_number
from netlab.topology.model.impairment import Fault, Impair
from netlab.topology.model.steps.base import DurationOrTrue, Timed

_TIMES = whole_number(1, 10_000, "'times'")


class Flap(Model):
    """Down and up again, several times."""

    down: Duration
    """How long the link is down each time."""

    up: Duration
    """How long it is up in between."""

    times: Annotated[int, *_TIMES]


_VERBS = ("down", "up", "flap", "impair", "fault")


class SetLink(Timed):
    link: Text
    """The link's name or its ends, such as ``r1 -- server:path1``."""

    down: DurationOrTrue = None
    """True, or how long the link is down."""

    up: DurationOrTrue = None

    flap: Flap | None = None

    impair: Impair | None = None
    """What changes of the link's profiles, as at the link; ``none`` clears them."""

    fault: Fault | None = None
    """One more fault, as at the link; it counts packets from now on."""

    duration: Duration | None = Field(default=None, alias="for")
    """How long ``impair`` or ``fault`` lasts."""

    model_config = Model.model_config | {"json_schema_extra": exactly_one_of(_VERBS)}

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if len(self.model_fields_set & set(_VERBS)) != 1:
            raise refuse(f"a link step takes one of {one_of(_VERBS)}")
        if self.duration is not None and self.impair is None and self.fault is None:
            raise refuse("'for' is for impair and fault", "down and up take a duration", at="for")
        return self


LINK_VERBS = ("link",)

LinkStep = Annotated[SetLink, Tag("link")]
