"""The servers of a node: one process each, forked by the agent, which passes on what they say."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable

from netlab.agent.channel import Emit, Message
from netlab.agent.children import Children, Ending, run_child
from netlab.agent.server_models import serve, serve_all


class Servers:
    """Starts services and passes on what their processes say."""

    def __init__(self, emit: Emit, children: Children) -> None:
        self._emit = emit
        self._children = children

    async def start(self, request: Message) -> Message:
        """Start a server for one service; answers once it listens, or with why it cannot."""
        name = request["service"]
        return await self._fork(name, 1, lambda report: serve(request, report))

    async def start_super_server(self, request: Message) -> Message:
        """Start one server for all ``services``; answers once it listens for each of them."""
        services = request["services"]
        return await self._fork("inetd", len(services), lambda report: serve_all(services, report))

    async def _fork(self, name: str, services: int, body: Callable[[int], None]) -> Message:
        pipe_read, pipe_write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(pipe_read)
            run_child(name, lambda: body(pipe_write))
        os.close(pipe_write)
        ended = self._children.ending(pid)
        started: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._relay(name, pipe_read, services, started))
        ended.add_done_callback(lambda _: task)  # the task lives as long as its process
        last = await started
        if last["status"] == "listening":
            ended.add_done_callback(lambda ending: self._report_end(name, pid, ending.result()))
        if last["status"] == "failed":
            return {"ok": False, "errno": last["errno"], "error": last["error"]}
        return {"pid": pid}

    def _report_end(self, name: str, pid: int, ending: Ending) -> None:
        """A server ends only when something has ended it: nobody serves its clients any more."""
        how = f"by {ending.signal}" if ending.signal else f"with exit code {ending.exit_code}"
        self._emit(
            {
                "kind": "service",
                "service": name,
                "status": "failed",
                "pid": pid,
                "error": f"its process was ended {how}",
            }
        )

    async def _relay(
        self, name: str, descriptor: int, services: int, started: asyncio.Future[Message]
    ) -> None:
        """Pass on events; ``started`` is the one that ends the server's start."""
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb")
        )
        listening = 0
        while line := await reader.readline():
            event: Message = json.loads(line)
            self._emit(event)
            listening += event["status"] == "listening"
            if not started.done() and (listening == services or event["status"] == "failed"):
                started.set_result(event)
        transport.close()
        if not started.done():
            error = f"{name} ended before it listened"
            started.set_result({"status": "failed", "errno": "", "error": error})
