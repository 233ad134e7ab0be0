"""When a program is ready: asked again and again, within a deadline, and told in words if not."""

from __future__ import annotations

import asyncio
import errno
import re
import time
from collections.abc import Awaitable, Callable

from netlab.agent.channel import Message
from netlab.agent.children import Children
from netlab.agent.program import Program, launch
from netlab.collect.sockets import SocketTable
from netlab.wire.sock_diag import Transport

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1

#: The last words of a program without any, which has no log.
SAID_NOTHING = "it said nothing"

#: What a socket table says of a socket that waits for clients.
_WAITING = {"tcp": "LISTEN", "udp": "UNCONNECTED"}

#: Whether it is ready, asked with the seconds that are left.
Ask = Callable[[float], Awaitable[bool]]


async def until_ready(program: Program, request: Message, children: Children) -> None:
    """Wait for the ``ready`` of the request; OSError, with the program's last words, if it fails.

    A program that ends before it is ready has failed, unless it ``may_end``.
    """
    if (probe := request.get("ready")) is None:
        return
    ask, missing = _probe(probe, program, request, children)
    deadline, pause = time.monotonic() + request["within"], _FIRST_PAUSE
    while True:
        ended = not program.runs and not request.get("may_end")
        if await ask(max(0.0, deadline - time.monotonic())) and not ended:
            return
        if ended:
            await program.output.finish()
            raise _failure(program, f"it {program.how_it_ended()} before it was ready")
        if time.monotonic() > deadline:
            reason = f"it is not ready within {request['within']:g} s: {missing}"
            raise _failure(program, reason, errno.ETIMEDOUT)
        await _pause(program, pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


async def _pause(program: Program, seconds: float) -> None:
    if program.runs:
        await program.end_within(seconds)
    else:
        await asyncio.sleep(seconds)


def last_words(program: Program) -> str:
    said = program.output.last_lines
    return f"; it last said: {said}" if said else f"; {SAID_NOTHING}"


def _failure(program: Program, reason: str, number: int = 0) -> OSError:
    return OSError(number, reason + last_words(program))


def _probe(
    probe: Message, program: Program, request: Message, children: Children
) -> tuple[Ask, str]:
    """How to ask, and what to say when it never comes."""
    if "port" in probe:
        transport, port = probe["port"]
        return _listens(transport, port), f"nothing listens on {transport}/{port}"
    if "log" in probe:
        pattern = re.compile(probe["log"], re.MULTILINE)

        async def has_said(_left: float) -> bool:
            return program.output.has(pattern)

        return has_said, f"its output has no {probe['log']!r}"
    command: list[str] = probe["command"]
    return _succeeds(request, command, children), f"{' '.join(command)!r} does not succeed"


def _listens(transport: Transport, port: int) -> Ask:
    """By the node's socket table: a probe that connects would be seen by the program itself."""
    table = SocketTable()

    async def ask(_left: float) -> bool:
        return any(
            each.state == _WAITING[transport] and each.local.rpartition(":")[2] == str(port)
            for each in table.read((transport,))
        )

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
