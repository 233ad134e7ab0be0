"""What happens to links."""

from __future__ import annotations

from typing import Any

from netlab.topology import steps as plan
from netlab.topology.marks import Path
from netlab.topology.model.steps import links as file
from netlab.topology.resolve import endpoints
from netlab.topology.resolve.steps.base import Maker, Resolver
from netlab.topology.steps import Step


def _set_link(
    resolver: Resolver, model: file.SetLink, path: Path, common: dict[str, Any]
) -> Step | None:
    try:
        link = endpoints.link(model.link, resolver.directory)
    except ValueError as error:
        resolver.wrong((*path, "link"), error)
        return None
    up = "up" in model.model_fields_set
    duration = model.up if up else model.down
    return plan.SetLink(**common, link=link.name, up=up, duration=duration)


MAKERS: dict[type, Maker] = {file.SetLink: _set_link}
