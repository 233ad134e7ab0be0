"""What pydantic found, in words that can be read aloud, at the place where it stands."""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag
from pydantic_core import ErrorDetails

from netlab.topology.hints import LATER, did_you_mean, one_of, shown
from netlab.topology.marks import Path
from netlab.topology.problems import Problems

_WORDS = {
    "model_type": "must be a mapping, not {given}",
    "model_attributes_type": "must be a mapping, not {given}",
    "dict_type": "must be a mapping, not {given}",
    "tuple_type": "must be a list, not {given}",
    "bool_type": "must be true or false, not {given}",
    "too_short": "must not be empty",
}


def report(error: ErrorDetails, root: type[BaseModel], problems: Problems) -> Path:
    """Adds one problem for ``error``; the answer is the path that it is about."""
    path, owner = _followed(error["loc"], root)
    context = error.get("ctx", {})
    match error["type"]:
        case "netlab":
            if context["at"]:
                path = (*path, context["at"])
            problems.add(path, context["message"], context["hint"])
        case "extra_forbidden":
            key = str(path[-1])
            hint = LATER.get(key) or did_you_mean(key, keys_of(owner)) or _keys(owner)
            problems.add(path, "unknown key", hint, key=True)
        case "missing":
            problems.add(path[:-1], f"the key {str(path[-1])!r} is missing")
            return path[:-1]
        case "too_short" if error["input"]:
            pass  # an item is wrong, and its own problem says so
        case kind:
            words = _WORDS.get(kind, "cannot be {given}")
            problems.add(path, words.format(given=shown(error["input"])))
    return path


def keys_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _keys(model: type[BaseModel]) -> str:
    return f"it has {one_of(keys_of(model))}" if len(model.model_fields) <= 6 else ""


def _followed(loc: tuple[str | int, ...], root: type[BaseModel]) -> tuple[Path, type[BaseModel]]:
    """The path of ``loc`` in the file, and the innermost model on the way.

    A loc has more parts than the file has: the tags of unions and ``[key]`` after a bad key.
    """
    annotation: Any = root
    owner = root
    path: list[str | int] = []
    for part in loc:
        choices = dict(_tagged(annotation))
        if part in choices:
            annotation = choices[str(part)]
            continue
        if part == "[key]":
            break
        model = _model(annotation)
        if model is not None:
            owner = model
        path.append(part)
        annotation = _inner(annotation, part)
    return tuple(path), owner


def _inner(annotation: Any, part: str | int) -> Any:
    model = _model(annotation)
    if model is not None:
        for name, field in model.model_fields.items():
            if part == (field.alias or name):
                return field.annotation
        return None
    for plain in _members(annotation):
        arguments = get_args(plain)
        if get_origin(plain) is dict:
            return arguments[1]
        if get_origin(plain) is tuple:
            return arguments[0]
    return None


def _model(annotation: Any) -> type[BaseModel] | None:
    models = [m for m in _members(annotation) if isinstance(m, type) and issubclass(m, BaseModel)]
    return models[0] if len(models) == 1 else None


def _members(annotation: Any) -> Iterable[Any]:
    """The members of a union, bare."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin in {Union, types.UnionType}:
        for argument in get_args(annotation):
            yield from _members(argument)
    else:
        yield annotation


def _tagged(annotation: Any) -> Iterable[tuple[str, Any]]:
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType}:
        for argument in get_args(annotation):
            yield from _tagged(argument)
    elif origin is Annotated:
        inner, *metadata = get_args(annotation)
        tags = [item.tag for item in metadata if isinstance(item, Tag)]
        if tags:
            yield tags[0], inner
        else:
            yield from _tagged(inner)
