"""Processes and programs as requests."""

from __future__ import annotations

from netlab.scenario.operations.base import Message, request
from netlab.topology.program import Command, ProgramService
from netlab.topology.steps import Await, Exec, Exit, Kill, KillProgram, Start


@request.register
def _(step: Exit) -> Message:
    return {"do": "exit", "process": step.process}


@request.register
def _(step: Kill) -> Message:
    return {"do": "kill", "process": step.process, "signal": step.signal}


@request.register
def _(step: Exec) -> Message:
    return {"do": "exec", "conn": step.name, **command(step.command)}


@request.register
def _(step: Start) -> Message:
    return {
        "do": "start",
        "conn": step.name,
        "ready": step.ready and step.ready.question(),
        **command(step.command),
    }


@request.register
def _(step: KillProgram) -> Message:
    return {"do": "signal", "conn": step.name, "signal": step.signal}


@request.register
def _(step: Await) -> Message:
    return {"do": "await", "conn": step.name}


def program_request(service: ProgramService) -> Message:
    """What to ask the agent that shall run ``service``."""
    return {
        "do": "run-service",
        "service": service.name,
        "within": service.within,
        "may_end": service.may_end,
        "ready": service.ready and service.ready.question(),
        **command(service.command),
    }


def command(given: Command) -> Message:
    return {
        "argv": list(given.argv),
        "env": dict(given.env),
        "cwd": given.cwd,
        "unprivileged": given.unprivileged,
        "input": given.given,
    }
