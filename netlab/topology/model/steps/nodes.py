"""What happens to nodes and their interfaces."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, Tag, model_validator

from netlab.topology.hints import one_of
from netlab.topology.model.base import Model, exactly_one_of, refuse
from netlab.topology.model.fields import Address, Duration, Mtu, NodeName, Text
from netlab.topology.model.steps.base import DurationOrTrue, Timed

_CHANGES = ("down", "up", "mtu", "add", "remove")


class Freeze(Timed):
    freeze: NodeName
    """The node whose processes all stop; its kernel still answers."""

    duration: Duration | None = Field(default=None, alias="for")
    """How long; until ``thaw``, when not given."""


class Thaw(Timed):
    thaw: NodeName


class Crash(Timed):
    crash: NodeName
    """The node that loses its power: neither FIN nor RST leaves it."""


class Restart(Timed):
    restart: NodeName
    """The node that starts anew, with its links and addresses; it crashes first if it runs."""

    quiet: Duration | None = None
    """How long its TCP assigns no sequence numbers then (RFC 9293 section 3.4.3)."""


class SetInterface(Timed):
    interface: Text
    """One end of a link, such as ``server:path1``."""

    down: DurationOrTrue = None
    """True, or how long this end is down."""

    up: DurationOrTrue = None

    mtu: Mtu | None = None
    """Bytes; below 1280 the interface loses its IPv6 (RFC 8200 section 5)."""

    add: Address | None = None
    """An address with its prefix length."""

    remove: Address | None = None
    """An address with its prefix length."""

    model_config = Model.model_config | {"json_schema_extra": exactly_one_of(_CHANGES)}

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        given = [name for name in _CHANGES if name in self.model_fields_set]
        if not given:
            raise refuse(f"an interface step needs one of {one_of(_CHANGES)}")
        if len(given) > 1:
            raise refuse(f"an interface step changes one thing, not {' and '.join(given)}")
        return self

    @property
    def change(self) -> str:
        return next(name for name in _CHANGES if name in self.model_fields_set)


NODE_VERBS = ("freeze", "thaw", "crash", "restart", "interface")

NodeLifeStep = (
    Annotated[Freeze, Tag("freeze")]
    | Annotated[Thaw, Tag("thaw")]
    | Annotated[Crash, Tag("crash")]
    | Annotated[Restart, Tag("restart")]
    | Annotated[SetInterface, Tag("interface")]
)
