"""Processes and programs as requests."""

from __future__ import annotations

from netlab.scenario.operations.base import Message, request
from netlab.topology.steps import Exec, Exit, Kill


@request.register
def _(step: Exit) -> Message:
    return {"do": "exit", "process": step.process}


@request.register
def _(step: Kill) -> Message:
    return {"do": "kill", "process": step.process, "signal": step.signal}


@request.register
def _(step: Exec) -> Message:
    return {"do": "exec", "conn": step.name, "argv": list(step.argv)}
