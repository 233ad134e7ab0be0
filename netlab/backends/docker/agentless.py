"""A node whose image has no agent of netlab's: the engine runs programs in it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from netlab.backends.docker.engine import Engine
from netlab.backends.protocol import Listener, Message

#: Characters of what a program prints that are kept.
_MOST_OUTPUT = 65_536


class AgentlessNode:
    """Answers as an agent would, as far as it can: programs run to their end, without input."""

    def __init__(self, node: str, image: str, container: str, engine: Engine) -> None:
        self._node = node
        self._image = image
        self._container = container
        self._engine = engine

    async def call(self, do: str, arguments: Message, listener: Listener) -> Message:
        match do:
            case "exec":
                return await self._run(arguments, listener)
            case "end-programs":
                return {"ok": True, "ended": []}
            case _:
                why = f"its image {self._image} has no agent of netlab's, which {do} needs"
                return {"ok": False, "errno": "", "error": why}

    async def _run(self, arguments: Message, listener: Listener) -> Message:
        argv: Sequence[str] = arguments["argv"]
        running = asyncio.to_thread(
            self._engine.run_in,
            self._container,
            self._node,
            argv,
            environment=arguments.get("env") or {},
            folder=arguments.get("cwd") or "",
        )
        try:
            async with asyncio.timeout(arguments["within"]):
                code, output = await running
        except TimeoutError:
            error = f"still running after {arguments['within']:g} s"
            return {"ok": False, "errno": "ETIMEDOUT", "error": error}
        result: dict[str, Any] = {
            "argv": list(argv),
            "exit_code": code,
            "signal": None,
            "output": output[-_MOST_OUTPUT:],
            "truncated": len(output) > _MOST_OUTPUT,
        }
        told = {"kind": "program", "node": self._node, "conn": arguments["conn"], **result}
        listener(told)
        return {"ok": True, **result}
