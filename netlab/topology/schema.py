"""The file format as JSON Schema, for editors."""

from __future__ import annotations

import ast
import inspect
import itertools
import sys
from collections.abc import Iterator
from typing import Any

from netlab.topology.model.base import Model
from netlab.topology.model.lab import Lab


def json_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12. It knows the shape of a file, not what its names refer to."""
    schema = Lab.model_json_schema()
    for model in _models(Model):
        known = schema if model is Lab else schema["$defs"].get(model.__name__)
        if known is not None:
            _describe(model, known["properties"])
    _close(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "netlab topology",
        "description": "A lab: nodes, links, a scenario and what must be seen.",
    }


def _close(schema: Any) -> None:
    """A mapping whose keys have a pattern has no other keys."""
    if isinstance(schema, dict):
        if "patternProperties" in schema:
            schema["additionalProperties"] = False
        for part in schema.values():
            _close(part)
    elif isinstance(schema, list):
        for part in schema:
            _close(part)


def _models(base: type[Model]) -> Iterator[type[Model]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _describe(model: type[Model], properties: dict[str, Any]) -> None:
    """A field is described by the text under it in the source.

    Pydantic's own ``use_attribute_docstrings`` would read the sources at every start of netlab.
    """
    for ancestor in reversed(model.__mro__[:-1]):
        for name, text in _docstrings(ancestor).items():
            field = model.model_fields.get(name)
            if field is not None:
                properties[field.alias or name]["description"] = text


def _docstrings(model: type) -> dict[str, str]:
    if not model.__module__.startswith(Model.__module__.rpartition(".")[0]):
        return {}
    module = ast.parse(inspect.getsource(sys.modules[model.__module__]))
    body = next(
        n for n in module.body if isinstance(n, ast.ClassDef) and n.name == model.__name__
    ).body
    found = {}
    for field, text in itertools.pairwise(body):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(said))),
            ):
                found[name] = inspect.cleandoc(said)
    return found
