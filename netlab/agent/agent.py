"""An agent carries out what the orchestrator asks of its node, whoever's transport the node has."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias

from netlab.agent.channel import Message
from netlab.agent.errnos import errno_name

#: Takes a request. What it returns completes the answer, which is ``ok`` unless it says otherwise.
Verb: TypeAlias = Callable[[Message], Awaitable[Message | None]]


class Processes(Protocol):
    """Of a node: they hold sockets that end with them. OSError (ESRCH) for one that has ended."""

    async def start(self, name: str) -> Message: ...

    async def forward(self, name: str, request: Message) -> Message:
        """The answer of the process ``name``."""

    async def exit(self, name: str) -> Message:
        """It ends by itself."""

    async def kill(self, request: Message) -> Message:
        """Send ``signal`` to ``process``."""


class Node(Protocol):
    @property
    def verbs(self) -> Mapping[str, Verb]: ...

    @property
    def processes(self) -> Processes: ...


class Agent:
    """``node`` may be another one from some request on."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._holders: dict[str, str] = {}  # socket's name -> process

    async def answer(self, request: Message) -> Message:
        """Nothing is raised: the orchestrator must hear of whatever fails."""
        try:
            answer = await self._perform(request)
        except OSError as error:
            return failure(error)
        except Exception as error:  # noqa: BLE001 - see above
            return {"ok": False, "error": repr(error), "trace": traceback.format_exc()}
        return {"ok": True, **(answer or {})}

    async def _perform(self, request: Message) -> Message | None:
        processes = self.node.processes
        match request:
            case {"do": "process", "process": str(name)}:
                return await processes.start(name)
            case {"do": "exit", "process": str(name)}:
                return await processes.exit(name)
            case {"do": "kill"}:
                return await processes.kill(request)
        if holder := self._holder_of(request):
            return await processes.forward(holder, request)
        return await self.node.verbs[request["do"]](request)

    def _holder_of(self, request: Message) -> str | None:
        """The process that holds, or is to hold, the request's socket."""
        name = request.get("conn", "")
        if process := request.pop("process", None):
            self._holders[name] = process
        return self._holders.get(name)


def failure(error: OSError) -> Message:
    """An OSError as an answer: its name, such as ECONNREFUSED, and its text."""
    return {"ok": False, "errno": errno_name(error), "error": error.strerror or str(error)}
