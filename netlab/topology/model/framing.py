"""How messages are told apart in a stream of bytes."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from netlab.topology.model.base import Model, exactly_one_of, refuse
from netlab.topology.model.fields import Size, Text
from netlab.topology.steps import Framing

_WAYS = ("size", "until", "prefix")
_MAX_PREFIX = 8


class Framed(Model):
    size: Size | None = None
    """Every message takes so many bytes, a shorter one is padded with zeros."""

    until: Text | None = None
    """A delimiter ends every message."""

    prefix: Size | None = None
    """The message's length comes first, in so many bytes in network order."""

    model_config = Model.model_config | {"json_schema_extra": exactly_one_of(_WAYS)}

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [way for way in _WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            raise refuse(
                "messages are framed in one way: size, until or prefix",
                'such as {until: "\\n"}',
            )
        if self.prefix is not None and self.prefix > _MAX_PREFIX:
            raise refuse(f"a length takes at most {_MAX_PREFIX} bytes", at="prefix")
        return self

    def framing(self) -> Framing:
        return Framing(size=self.size, until=self.until, prefix=self.prefix)
