"""Servers: one process per service, and how it takes its clients (UNP chapter 30).

``iterative`` serves one client after the other; ``fork`` forks a child per connection. The
processes are plain blocking programs, as in the book; what they do is written to a pipe that the
agent reads, one JSON line an event.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

from netlab.agent import sockets
from netlab.agent.channel import Message
from netlab.agent.children import Children, Emit, run_child
from netlab.agent.services import (
    DATAGRAM_SERVICES,
    STREAM_SERVICES,
    Dialogue,
    Receive,
    Send,
    Think,
)

#: Larger than any UDP payload.
_DATAGRAM = 65_536


class Servers:
    """Starts services and passes on what their processes say."""

    def __init__(self, emit: Emit, children: Children) -> None:
        self._emit = emit
        self._children = children

    async def start(self, request: Message) -> Message:
        """Fork the service's process; answers once it listens, or with why it cannot."""
        pipe_read, pipe_write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(pipe_read)
            run_child(request["service"], lambda: Server(request, pipe_write).run())
        os.close(pipe_write)
        ended = self._children.ending(pid)
        listening: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._relay(request["service"], pipe_read, listening))
        ended.add_done_callback(lambda _: task)  # the task lives as long as its process
        first = await listening
        if first["status"] == "failed":
            return {"ok": False, "errno": first["errno"], "error": first["error"]}
        return {"pid": pid}

    async def _relay(
        self, service: str, descriptor: int, listening: asyncio.Future[Message]
    ) -> None:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb")
        )
        while line := await reader.readline():
            event: Message = json.loads(line)
            self._emit(event)
            if not listening.done():
                listening.set_result(event)
        transport.close()
        if not listening.done():
            listening.set_result(
                {"status": "failed", "errno": "", "error": f"{service} ended before it listened"}
            )


class Server:
    """One service, inside its own process."""

    def __init__(self, request: Message, report: int) -> None:
        self._request = request
        self._report_to = report

    def run(self) -> None:
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        try:
            bound = sockets.bound_socket(self._request)
        except OSError as error:
            self._report("failed", errno=sockets.errno_name(error), error=error.strerror)
            return
        self._report("listening", local=sockets.local_name(bound))
        models: dict[str, Callable[[socket.socket], None]] = {
            "iterative": self._serve_one_by_one,
            "fork": self._serve_by_forking,
        }
        if self._request["transport"] == "udp":
            self._serve_datagrams(bound)
        else:
            models[self._request["model"]](bound)

    def _report(self, status: str, **fields: Any) -> None:
        event = {
            "kind": "service",
            "service": self._request["service"],
            "status": status,
            "pid": os.getpid(),
            "t": time.time_ns(),
            **fields,
        }
        # One write of less than PIPE_BUF bytes is never torn, however many children write.
        os.write(self._report_to, json.dumps(event).encode() + b"\n")

    def _serve_one_by_one(self, listener: socket.socket) -> None:
        while True:
            self._serve(*listener.accept())

    def _serve_by_forking(self, listener: socket.socket) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children itself
        while True:
            connection, client = listener.accept()
            if os.fork() == 0:
                listener.close()
                self._serve(connection, client)
                os._exit(0)
            connection.close()

    def _serve(self, connection: socket.socket, client: tuple[str, int]) -> None:
        # A client that has sent RST before it was accepted has no getpeername() any more.
        names = {"local": sockets.local_name(connection), "foreign": sockets.name(client)}
        self._report("accepted", **names)
        dialogue = STREAM_SERVICES[self._request["protocol"]]()
        with contextlib.suppress(OSError):  # the client is gone, and so is this dialogue
            self._play(dialogue, connection)
        if self._request["close_after"]:
            time.sleep(self._request["close_after"])
        connection.close()
        self._report("served", **names)

    def _play(self, dialogue: Dialogue, connection: socket.socket) -> None:
        command = next(dialogue)
        while True:
            answer = b""
            match command:
                case Receive():
                    answer = connection.recv(65_536)
                case Send(data):
                    connection.sendall(data)
                case Think():
                    time.sleep(self._request["think"])
            try:
                command = dialogue.send(answer)
            except StopIteration:
                return

    def _serve_datagrams(self, bound: socket.socket) -> None:
        reply_to = DATAGRAM_SERVICES[self._request["protocol"]]
        while True:
            with contextlib.suppress(OSError):  # an ICMP error about an earlier reply
                datagram, sender = bound.recvfrom(_DATAGRAM)
                reply = reply_to(datagram)
                if reply is not None:
                    time.sleep(self._request["think"])
                    bound.sendto(reply, sender)
