"""What a node is made of: its own fields over its kind's over the defaults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from netlab.topology.equipment import Bind, File, Resources
from netlab.topology.marks import Path
from netlab.topology.plan import Node
from netlab.topology.problems import Problems
from netlab.topology.resolve.nodes import Layers, NodeDraft
from netlab.topology.sources import Sources

#: What is about the main program of an image; netlab's own image has the agent there.
_OF_IMAGES = ("command", "user", "ready")

_LIMITS = ("memory", "cpus", "pids")


def equipped(node: Node, draft: NodeDraft, sources: Sources, problems: Problems) -> Node:
    layers = draft.layers
    image = _first(layers, "image")[1]
    if image is None:
        _refuse_without_image(layers, problems)
    ready = _first(layers, "ready")[1]
    return replace(
        node,
        image=image,
        command=_first(layers, "command")[1],
        user=_first(layers, "user")[1],
        ready=ready.readiness() if ready else None,
        env=tuple({name: value for name, value, _ in _merged(layers, "env")}.items()),
        files=_files(layers, sources, problems),
        binds=_binds(layers, sources, problems),
        resources=_resources(layers),
    )


def _first(layers: Layers, key: str) -> tuple[Path, Any]:
    """The value that wins, None when nobody gives it, and its path."""
    for path, model in layers:
        value = getattr(model, key, None)
        if value is not None:
            return (*path, key), value
    return (), None


def _merged(layers: Layers, key: str) -> Iterable[tuple[str, Any, Path]]:
    """The entries of mappings of all layers, with their paths; the last of a name wins."""
    for path, model in reversed(layers):
        for name, value in (getattr(model, key, None) or {}).items():
            yield name, value, (*path, key, name)


def _refuse_without_image(layers: Layers, problems: Problems) -> None:
    for key in _OF_IMAGES:
        path, value = _first(layers, key)
        if value is not None:
            message = f"{key!r} is about the main program of an image, and no 'image' is given"
            problems.add(path, message, "a program of this lab's own is a service", key=True)


def _files(layers: Layers, sources: Sources, problems: Problems) -> tuple[File, ...]:
    made: dict[str, File] = {}
    for name, model, path in _merged(layers, "files"):
        try:
            content = (
                sources.content(model.source)
                if model.source is not None
                else sources.text(model.content)
            )
        except ValueError as error:
            problems.add((*path, "from"), str(error))
            continue
        made[name] = File(path=name, content=content, mode=model.mode)
    for name in made:
        if above := next((other for other in made if name.startswith(f"{other}/")), None):
            path = next(path for key, _, path in _merged(layers, "files") if key == name)
            problems.add(path, f"{above} is a file, so that {name} cannot be in it", key=True)
    return tuple(made.values())


def _binds(layers: Layers, sources: Sources, problems: Problems) -> tuple[Bind, ...]:
    path, bound = _first(layers, "binds")
    made: dict[str, Bind] = {}
    for index, each in enumerate(bound or ()):
        here = (*path, index)
        if each.target in made:
            problems.add(here, f"{each.target} is bound twice")
        try:
            source = sources.place(each.source)
        except ValueError as error:
            problems.add(here, str(error))
            continue
        made[each.target] = Bind(source=source, target=each.target, read_only=each.read_only)
    for name, _, where in _merged(layers, "files"):
        if name in made:
            problems.add(where, f"{name} is bound already", key=True)
    return tuple(made.values())


def _resources(layers: Layers) -> Resources:
    """Each limit by itself: a node's own memory leaves its kind's processor time."""
    given = [model.resources for _, model in reversed(layers) if model.resources is not None]
    limits = {key: getattr(each, key) for each in given for key in _LIMITS if getattr(each, key)}
    return Resources(**limits)
