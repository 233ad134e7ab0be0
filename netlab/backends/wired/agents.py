"""The orchestrator's ends of the sockets to a lab's agents."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from netlab.agent.channel import HELLO, REFUSAL, Caller, Channel
from netlab.errors import NodeError

Message = dict[str, Any]

#: Seconds until an agent says that it is there; generous, since a busy machine is no error.
_HELLO_WITHIN = 60.0
_LONGEST_REFUSAL = 4096


class Agents:
    """A conversation with an agent is opened when it is first asked something."""

    def __init__(self) -> None:
        self._endpoints: dict[str, socket.socket] = {}
        self._expected: dict[str, socket.socket] = {}
        self._opening: dict[str, asyncio.Task[Caller]] = {}
        self._callers: dict[str, Caller] = {}

    def add(self, node: str, endpoint: socket.socket) -> None:
        self._endpoints[node] = endpoint
        self._expected[node] = endpoint

    async def all_there(self) -> None:
        """Wait until every agent is in its namespaces; NodeError for one that is not."""
        await asyncio.to_thread(self._wait)

    def _wait(self) -> None:
        while self._expected:
            _wait_for_hello(*self._expected.popitem())

    def forget(self, node: str) -> None:
        """Have nothing more to do with the agent of a node: it is to end."""
        self._opening.pop(node, None)
        if endpoint := self._endpoints.pop(node, None):
            endpoint.close()
        if caller := self._callers.pop(node, None):
            caller.close()

    async def caller(self, node: str, tell: Callable[[Message], None]) -> Caller:
        """The conversation with ``node``; what it tells by itself goes to ``tell``."""
        if node not in self._opening:
            endpoint = self._endpoints.pop(node, None)
            if endpoint is None:
                raise NodeError("the lab has no such node, or is down", where=node)
            self._opening[node] = asyncio.create_task(self._open(node, endpoint, tell))
        return await asyncio.shield(self._opening[node])

    async def _open(
        self, node: str, endpoint: socket.socket, tell: Callable[[Message], None]
    ) -> Caller:
        self._callers[node] = caller = Caller(await Channel.open(endpoint), tell)
        return caller

    def close(self) -> None:
        while self._endpoints:
            self._endpoints.popitem()[1].close()
        for caller in self._callers.values():
            caller.close()


def _wait_for_hello(node: str, endpoint: socket.socket) -> None:
    endpoint.settimeout(_HELLO_WITHIN)
    try:
        said = endpoint.recv(1)
        if said == REFUSAL:
            raise NodeError(endpoint.recv(_LONGEST_REFUSAL).decode(errors="replace"), where=node)
    except OSError as error:
        raise NodeError(f"its agent does not start: {error}", where=node) from None
    if said != HELLO:
        raise NodeError("its agent ended before the lab was up", where=node)
