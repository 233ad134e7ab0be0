"""Processes and programs in a node."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.program import Command, Probe
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
    command: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(NodeStep):
    """Start a program that runs in the background; the step ends when it is ready."""

    name: str
    command: Command
    ready: Probe | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KillProgram(NodeStep):
    """Send a signal to a program's process group, and wait for its end if the signal asks it."""

    name: str
    signal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Await(NodeStep):
    """Wait until the program has ended."""

    name: str
