"""Processes and programs in a node."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.steps.base import NodeStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit(NodeStep):
    """The child process ``process`` exits without closing its sockets itself."""

    process: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill(NodeStep):
    process: str
    signal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exec(NodeStep):
    """Run a program of the host's file system to its end and keep its output and exit code."""

    name: str
    argv: tuple[str, ...]
