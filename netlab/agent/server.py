"""A server's process, and how it takes its clients (UNP chapters 13 and 30).

``iterative`` serves one client after the other; ``fork`` forks a child per connection; the
super-server waits for many services at once, as inetd does. These are plain blocking programs, as
in the book; what they do is written to a pipe that the agent reads, one JSON line an event.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import time
from collections.abc import Sequence
from typing import Any

from netlab import clock
from netlab.agent import sockets
from netlab.agent.channel import Message
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


def serve(request: Message, report: int) -> None:
    """Be the server of one service; returns only when it cannot listen."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    server = Server(request, report)
    bound = server.listen()
    if bound is None:
        return
    if request["transport"] == "udp":
        server.answer_datagrams(bound)
    elif request["model"] == "fork":
        server.fork_for_each(bound)
    else:
        server.serve_one_by_one(bound)


def serve_all(requests: Sequence[Message], report: int) -> None:
    """Be a super-server: one process waits for the clients of many services.

    It forks a child for each TCP connection and answers datagrams itself, as inetd does with its
    internal services.
    """
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children itself
    waiting = selectors.DefaultSelector()
    for request in requests:
        server = Server(request, report)
        bound = server.listen()
        if bound is None:
            return
        answer = server.answer_one if request["transport"] == "udp" else server.fork_for_one
        waiting.register(bound, selectors.EVENT_READ, answer)
    while True:
        for key, _ in waiting.select():
            key.data(key.fileobj)


class Server:
    """One service in this process."""

    def __init__(self, request: Message, report: int) -> None:
        self._request = request
        self._report_to = report

    def listen(self) -> socket.socket | None:
        """The service's socket; None, and why is reported, when it cannot be had."""
        try:
            bound = sockets.bound_socket(self._request)
        except OSError as error:
            self._report("failed", errno=sockets.errno_name(error), error=error.strerror)
            return None
        self._report("listening", local=sockets.local_name(bound))
        return bound

    def serve_one_by_one(self, listener: socket.socket) -> None:
        while True:
            self._serve(*listener.accept())

    def fork_for_each(self, listener: socket.socket) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children itself
        while True:
            self.fork_for_one(listener)

    def fork_for_one(self, listener: socket.socket) -> None:
        connection, client = listener.accept()
        if os.fork() == 0:
            listener.close()
            self._serve(connection, client)
            os._exit(0)
        connection.close()

    def answer_datagrams(self, bound: socket.socket) -> None:
        while True:
            self.answer_one(bound)

    def answer_one(self, bound: socket.socket) -> None:
        with contextlib.suppress(OSError):  # an ICMP error about an earlier reply
            datagram, sender = bound.recvfrom(_DATAGRAM)
            reply = DATAGRAM_SERVICES[self._request["protocol"]](datagram)
            if reply is not None:
                time.sleep(self._request["think"])
                bound.sendto(reply, sender)

    def _report(self, status: str, **fields: Any) -> None:
        event = {
            "kind": "service",
            "service": self._request["service"],
            "status": status,
            "pid": os.getpid(),
            "t": clock.now(),
            **fields,
        }
        # One write of less than PIPE_BUF bytes is never torn, however many children write.
        os.write(self._report_to, json.dumps(event).encode() + b"\n")

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
