"""What a node is made of, in words."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from netlab.topology import units
from netlab.topology.equipment import Resources
from netlab.topology.plan import Node
from netlab.topology.program import Probe


def equipment(node: Node) -> Iterator[str]:
    if node.image is not None:
        yield f"image {node.image}{f', as {node.user}' if node.user else ''}"
    if node.command is not None:
        yield f"command {shlex.join(node.command)!r}"
    if node.ready is not None:
        yield f"ready: {asked(node.ready.probe)}, within {node.ready.within:g} s"
    if limits := ", ".join(_limits(node.resources)):
        yield f"at most {limits}"
    for name, value in node.env:
        yield f"env {name}={shlex.quote(value)}"
    for file in node.files:
        yield f"file {file.path}: {units.spell_size(len(file.content))}, mode {file.mode:04o}"
    for bind in node.binds:
        yield f"bind {bind.source} to {bind.target}{', read only' if bind.read_only else ''}"


def asked(probe: Probe) -> str:
    """What a probe asks."""
    if probe.port is not None:
        return "port {}/{}".format(*probe.port)
    return f"log {probe.log}" if probe.log is not None else f"command {line(probe.command)!r}"


def line(argv: tuple[str, ...] | None) -> str:
    """As the file has it: what goes to a shell is a line already."""
    argv = argv or ()
    return argv[-1] if argv[:2] == ("/bin/sh", "-c") else shlex.join(argv)


def _limits(resources: Resources) -> Iterator[str]:
    if resources.memory is not None:
        yield f"{units.spell_size(resources.memory)} of memory"
    if resources.cpus is not None:
        yield f"{resources.cpus:g} processors"
    if resources.pids is not None:
        yield f"{resources.pids} processes"
