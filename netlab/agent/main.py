"""The program inside each node: obeys the orchestrator over one socket until that closes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import traceback
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NoReturn

from netlab import log
from netlab.agent.advertise import advertise
from netlab.agent.channel import HELLO, REFUSAL, Channel, Message
from netlab.agent.children import Children
from netlab.agent.clients import Clients
from netlab.agent.filters import Filters
from netlab.agent.kernel.firewall import Nftables
from netlab.agent.kernel.network import KernelNetwork
from netlab.agent.observers import Observers
from netlab.agent.operations import reported
from netlab.agent.ping import ping
from netlab.agent.programs import Programs
from netlab.agent.servers import Servers
from netlab.agent.swarm import Swarm
from netlab.agent.traceroute import traceroute

Verb = Callable[[Message], Awaitable[Message | None]]


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
            asyncio.run(_serve(name, endpoint))
    except BaseException:  # noqa: BLE001 - the last place that can tell the lab's log
        log.exception(f"agent of {name}")
        os._exit(1)
    os._exit(0)


async def _serve(name: str, endpoint: socket.socket) -> None:
    await Agent(name, await Channel.open(endpoint)).serve()


class Agent:
    """Dispatches requests to what carries them out; each runs as a task of its own."""

    def __init__(self, name: str, channel: Channel) -> None:
        self.name = name
        self._channel = channel
        self._tasks: set[asyncio.Task[None]] = set()
        self._children = Children(self._emit)
        self._holders: dict[str, str] = {}  # socket's name -> child process
        network = KernelNetwork()
        self._clients = Clients(network, self._emit)
        self._filters = Filters(self._emit, Nftables(network))
        self._programs = Programs(self._emit, self._children, Swarm(name, self._emit))
        self._servers = Servers(self._emit, self._children)
        self._verbs: dict[str, Verb] = {
            "service": self._servers.start,
            "super-server": self._servers.start_super_server,
            "process": self._start_process,
            "exit": self._exit,
            "kill": self._children.kill,
            **self._programs.verbs,
            **self._clients.verbs,
            **self._filters.verbs,
            **Observers(network, self._emit).verbs,
            "advertise": reported(self._emit, partial(advertise, network)),
            "ping": reported(self._emit, partial(ping, network)),
            "traceroute": reported(self._emit, partial(traceroute, network)),
        }

    async def serve(self) -> None:
        self._children.watch()
        while request := await self._channel.receive():
            task = asyncio.create_task(self._answer(request))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _emit(self, event: Message) -> None:
        self._channel.write({"event": event})

    async def _answer(self, request: Message) -> None:
        try:
            answer = await self._perform(request)
        except OSError as error:
            answer = failure(error)
        except Exception as error:  # noqa: BLE001 - whatever fails, the orchestrator must hear it
            answer = {"ok": False, "error": repr(error), "trace": traceback.format_exc()}
        self._channel.write({"id": request["id"], "ok": True, **(answer or {})})

    async def _perform(self, request: Message) -> Message | None:
        if request["do"] not in _OF_PROCESSES and (holder := self._holder_of(request)):
            return await self._children.forward(holder, request)
        return await self._verbs[request["do"]](request)

    def _holder_of(self, request: Message) -> str | None:
        """The child process that holds, or is to hold, the request's socket."""
        name = request.get("conn", "")
        if process := request.pop("process", None):
            self._holders[name] = process
        return self._holders.get(name)

    async def _start_process(self, request: Message) -> Message:
        return await self._children.start(request["process"], _serve)

    async def _exit(self, request: Message) -> Message | None:
        if process := request.get("process"):
            return await self._children.exit(process)
        os._exit(0)


_OF_PROCESSES = frozenset({"process", "kill", "exit"})


def failure(error: OSError) -> Message:
    """An OSError as an answer: its name, such as ECONNREFUSED, and its text."""
    name = errno.errorcode.get(error.errno, "") if error.errno else ""
    return {"ok": False, "errno": name, "error": error.strerror or str(error)}
