"""The servers of a node on the userspace stack: tasks, where the kernel's are processes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import Coroutine, Iterable
from typing import Any

from netlab import clock
from netlab.agent.channel import Emit, Message
from netlab.agent.conversation import Until, Waits
from netlab.agent.errnos import errno_name
from netlab.agent.network import Datagram, DatagramSocket, Endpoint, StreamSocket
from netlab.agent.services import DATAGRAM_SERVICES
from netlab.agent.userspace import urgent
from netlab.agent.userspace.listening import Listener
from netlab.agent.userspace.network import StackNetwork
from netlab.agent.userspace.stream import Stream
from netlab.agent.visit import Visit

#: Whether the clients of a model's server are served side by side.
MODELS = {"iterative": False, "select": True, "epoll": True, "asyncio": True, "inetd": True}

#: Larger than any UDP payload.
_DATAGRAM = 65_536


class StackServers:
    """Starts services. An OSError tells what only the kernel's processes can do."""

    def __init__(self, network: StackNetwork, emit: Emit) -> None:
        self._network = network
        self._emit = emit
        self._running: list[_Server] = []  # event loops remember no tasks

    async def start(self, request: Message) -> Message:
        """Start a server for one service, which listens then; or say why it cannot."""
        return self._start([request])

    async def start_super_server(self, request: Message) -> Message:
        return self._start(request["services"])

    def _start(self, requests: Iterable[Message]) -> Message:
        for request in requests:
            _check(request)
            server = _Server(self._network, request, self._emit)
            try:
                server.start()
            except OSError as error:
                failed = {"errno": errno_name(error), "error": error.strerror}
                server.report("failed", **failed)
                return {"ok": False, **failed}
            self._running.append(server)
        return {}


def _check(request: Message) -> None:
    model = request["model"]
    if model not in MODELS:
        known = ", ".join(MODELS)
        text = (
            f"no server on netlab's own stack has processes or threads: {model} is none of {known}"
        )
        raise OSError(errno.ENOTSUP, text)


class _Server:
    """One service: its socket, and a task for each client that is served."""

    def __init__(self, network: StackNetwork, request: Message, emit: Emit) -> None:
        self._network = network
        self._request = request
        self._emit = emit
        self._is_concurrent = MODELS[request["model"]]
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """OSError when the service's socket cannot be had."""
        if self._request["transport"] == "tcp":
            listener = self._network.listen(self._request)
            self._listens(listener)
            self._begin(self._take_clients(listener))
        else:
            bound = self._network.bound(self._request)
            self._listens(bound)
            self._begin(self._take_datagrams(bound))

    def _listens(self, bound: Listener | DatagramSocket) -> None:
        self.report("listening", local=bound.local, options=bound.kept(self._request["options"]))

    def report(self, status: str, **fields: Any) -> None:
        service = self._request["service"]
        event = {"kind": "service", "service": service, "status": status, "t": clock.now()}
        self._emit(event | fields)

    async def _take_clients(self, listener: Listener) -> None:
        while True:
            connection, client = await listener.accept()
            await self._in_turn(self._serve(connection, client))

    async def _serve(self, connection: Stream, client: str) -> None:
        visit = Visit(self._request, self.report, local=connection.local, foreign=client)
        try:
            if self._request.get("sigurg"):
                connection.on_urgent(lambda: self._tell_urgent(connection, visit.names))
            await _converse(visit.play(connection.receive_now, connection.send_now), connection)
        finally:
            await connection.close()
        visit.over()

    def _tell_urgent(self, connection: Stream, names: Message) -> None:
        """Echo sends an urgent byte that came out of band back like that."""
        found = urgent.found(connection)
        self.report("urgent", **names, **found)
        if self._request["protocol"] == "echo" and found.get("byte"):
            with contextlib.suppress(OSError):
                connection.send_now(found["byte"].encode("latin-1"), urgent=True)

    async def _take_datagrams(self, bound: DatagramSocket) -> None:
        while True:
            with contextlib.suppress(OSError):  # an ICMP error about an earlier reply
                await self._in_turn(self._answer(bound, await bound.receive(_DATAGRAM)))

    async def _answer(self, bound: DatagramSocket, datagram: Datagram) -> None:
        reply = DATAGRAM_SERVICES[self._request["protocol"]](datagram.kept)
        if reply is not None:
            await asyncio.sleep(self._request["think"])
            with contextlib.suppress(OSError):
                await bound.send(reply, _parsed(datagram.sender))

    async def _in_turn(self, work: Coroutine[Any, Any, None]) -> None:
        """Before anything else is done, or beside it, as the server's model has it."""
        if self._is_concurrent:
            self._begin(work)
        else:
            await work

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _converse(conversation: Waits, connection: StreamSocket) -> None:
    for wait in conversation:
        if wait is Until.READABLE:
            await connection.until_readable()
        elif wait is Until.WRITABLE:
            await connection.until_writable()
        else:
            assert isinstance(wait, float)
            await asyncio.sleep(wait)


def _parsed(endpoint: str) -> Endpoint:
    """``[fd00::1]:7`` as an address and a port."""
    host, _, port = endpoint.rpartition(":")
    return host.strip("[]"), int(port)
