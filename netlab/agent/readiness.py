"""When a program is ready: asked again and again, within a deadline, and told in words if not."""

from __future__ import annotations

import asyncio
import errno
import re
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from netlab.agent.channel import Message
from netlab.agent.children import Children
from netlab.agent.output import SAID_NOTHING, Printed
from netlab.agent.program import Program, launch
from netlab.collect.sockets import SocketTable
from netlab.wire.sock_diag import Transport

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1

#: Whether it is ready, asked with the seconds that are left.
Ask = Callable[[float], Awaitable[bool]]


class Watched(Protocol):
    """A program that is waited for."""

    @property
    def output(self) -> Printed: ...

    @property
    def runs(self) -> bool: ...

    def how_it_ended(self) -> str:
        """What completes ``it``, as ``ended with exit code 1`` does."""
        ...

    async def end_within(self, seconds: float) -> bool: ...


async def until_ready(program: Program, request: Message, children: Children) -> None:
    """Wait for the ``ready`` of the request; OSError, with the program's last words, if it fails.

    A program that ends before it is ready has failed, unless it ``may_end``.
    """
    if (probe := request.get("ready")) is None:
        return
    ask = _asking(probe, program, request, children)
    may_end = bool(request.get("may_end"))
    await until(program, ask, lambda: missing(probe), within=request["within"], may_end=may_end)


async def until(
    program: Watched, ask: Ask, unmet: Callable[[], str], *, within: float, may_end: bool = False
) -> None:
    """Ask again and again, for ``within`` s; OSError, with what is ``unmet`` and its last words."""
    deadline, pause = time.monotonic() + within, _FIRST_PAUSE
    while True:
        ended = not program.runs and not may_end
        if await ask(max(0.0, deadline - time.monotonic())) and not ended:
            return
        if ended:
            await program.output.finish()
            raise _failure(program, f"it {program.how_it_ended()} before it was ready")
        if time.monotonic() > deadline:
            reason = f"it is not ready within {within:g} s: {unmet()}"
            raise _failure(program, reason, errno.ETIMEDOUT)
        await _pause(program, pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


async def _pause(program: Watched, seconds: float) -> None:
    if program.runs:
        await program.end_within(seconds)
    else:
        await asyncio.sleep(seconds)


def last_words(program: Watched) -> str:
    said = program.output.last_lines
    return f"; it last said: {said}" if said else f"; {SAID_NOTHING}"


def _failure(program: Watched, reason: str, number: int = 0) -> OSError:
    return OSError(number, reason + last_words(program))


def missing(probe: Message) -> str:
    """What is said of a probe that has not come true."""
    if "port" in probe:
        return "nothing listens on {}/{}".format(*probe["port"])
    if "log" in probe:
        return f"its output has no {probe['log']!r}"
    return f"{' '.join(probe['command'])!r} does not succeed"


def _asking(probe: Message, program: Program, request: Message, children: Children) -> Ask:
    if "port" in probe:
        return _waits_at(*probe["port"])
    if "log" in probe:
        return has_said(program, probe["log"])
    return _succeeds(request, probe["command"], children)


def has_said(program: Watched, log: str) -> Ask:
    """Whether the program has printed what matches the regular expression ``log``."""
    pattern = re.compile(log, re.MULTILINE)

    async def ask(_left: float) -> bool:
        return program.output.has(pattern)

    return ask


def _waits_at(transport: Transport, port: int) -> Ask:
    """By the node's socket table: a probe that connects would be seen by the program itself."""
    table = SocketTable()

    async def ask(_left: float) -> bool:
        return table.waits_at(transport, port)

    return ask


def _succeeds(request: Message, command: list[str], children: Children) -> Ask:
    async def ask(left: float) -> bool:
        try:
            asked = launch({**request, "argv": command, "input": None}, children)
        except OSError:
            return False
        if not await asked.end_within(left):
            asked.kill()
            await asked.ended
        await asked.output.finish()
        return asked.ended.result().exit_code == 0

    return ask
