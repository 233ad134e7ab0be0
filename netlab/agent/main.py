"""The program inside each node: obeys the orchestrator over one socket until that closes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from typing import NoReturn

from netlab import log
from netlab.agent.agent import Agent
from netlab.agent.channel import HELLO, REFUSAL, Channel, Message
from netlab.agent.kernel.node import KernelNode


def run_agent(
    name: str, descriptor: int, *, prepare: Callable[[], None] = lambda: None
) -> NoReturn:
    """Say that it is there, serve requests from the socket ``descriptor``, and exit.

    ``prepare`` makes the node ready for its programs; an OSError of it, in words, is told instead.
    """
    endpoint = socket.socket(fileno=descriptor)
    with contextlib.suppress(BrokenPipeError):  # then there will be no request either
        try:
            prepare()
        except OSError as error:
            endpoint.sendall(REFUSAL + (error.strerror or str(error)).encode())
            os._exit(1)
        endpoint.sendall(HELLO)
    serve_agent(name, endpoint)


def serve_agent(name: str, endpoint: socket.socket) -> NoReturn:
    """Serve requests from ``endpoint`` until it closes, and exit."""
    try:
        # An event loop costs more than all else that an idle agent does: a request makes it.
        if endpoint.recv(1, socket.MSG_PEEK):
            asyncio.run(serve(name, endpoint))
    except BaseException:  # noqa: BLE001 - the last place that can tell the lab's log
        log.exception(f"agent of {name}")
        os._exit(1)
    os._exit(0)


async def serve(name: str, endpoint: socket.socket) -> None:
    """Answer requests, each in a task of its own, until the other side is gone."""
    channel = await Channel.open(endpoint)

    def emit(event: Message) -> None:
        channel.write({"event": event})

    async def leave_kernel(request: Message) -> None:
        # Few nodes do so, and thousands are forked.
        from netlab.agent.userspace.real_time import stacked  # noqa: PLC0415 - see above

        agent.node = stacked(name, emit, request)

    node = KernelNode(name, emit, serve)
    node.processes.watch()
    node.verbs["stack"] = leave_kernel
    agent = Agent(node)
    tasks: set[asyncio.Task[None]] = set()

    async def answer(request: Message) -> None:
        channel.write({"id": request["id"], **await agent.answer(request)})

    while request := await channel.receive():
        task = asyncio.create_task(answer(request))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
