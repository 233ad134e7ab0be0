"""What all models share, and how a check says no."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_before_validator_function

JsonSchema = dict[str, Any]


class Model(BaseModel):
    """Frozen, and no key but its own.

    Built when first used, for ``netlab --help`` needs no model. The text under a field describes
    it in the JSON Schema.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def refuse(message: str, hint: str = "", *, at: str = "") -> PydanticCustomError:
    """An error that reads ``message (hint)``; ``at`` names the key of the model it is about."""
    return PydanticCustomError("netlab", "{message}", {"message": message, "hint": hint, "at": at})


def in_words(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``parse`` with its ValueError as ``refuse``."""

    def parsed(value: Any) -> Any:
        try:
            return parse(value)
        except ValueError as error:
            raise refuse(str(error)) from None

    return parsed


def exactly_one_of(keys: Iterable[str]) -> JsonSchema:
    """The JSON Schema that asks for one of ``keys``."""
    return {"oneOf": [{"required": [key]} for key in keys]}


@dataclass(frozen=True, slots=True, eq=False)
class ShortForm:
    """Another way to write a value: ``widen`` makes the full form of what ``schema`` describes.

    None describes a lone item where a list or a mapping may stand.
    """

    schema: JsonSchema | None
    widen: Callable[[Any], Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: Callable[[Any], CoreSchema]
    ) -> CoreSchema:
        return no_info_before_validator_function(self.widen, handler(source))

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        full = handler(core_schema)
        lone = self.schema or full.get("items") or full.get("additionalProperties")
        return {"anyOf": [lone, full]}
