"""One service of a node, in its server's process: its socket, its clients, and what it tells.

What it does is written to a pipe that the agent reads, one JSON line an event. How it takes its
clients is that of its model: see server_models.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from typing import Any

from netlab import clock
from netlab.agent.channel import Message
from netlab.agent.conversation import Until, Waits
from netlab.agent.errnos import errno_name
from netlab.agent.kernel import options, sockets, urgent
from netlab.agent.services import DATAGRAM_SERVICES
from netlab.agent.visit import Visit

#: Larger than any UDP payload.
_DATAGRAM = 65_536

Client = tuple[socket.socket, Any]


class Server:
    """``request`` asks for the service; ``report`` is the pipe's descriptor."""

    def __init__(self, request: Message, report: int) -> None:
        self.request = request
        self._report_to = report

    @property
    def is_stream(self) -> bool:
        return bool(self.request["transport"] == "tcp")

    def listen(self) -> socket.socket | None:
        """The service's socket; None, and why is reported, when it cannot be had."""
        try:
            bound = sockets.bound_socket(self.request)
        except OSError as error:
            self.report("failed", errno=errno_name(error), error=error.strerror)
            return None
        kept = options.kept(bound, self.request["options"])
        self.report("listening", local=sockets.local_name(bound), options=kept)
        return bound

    def converse(self, connection: socket.socket, client: Any) -> Waits:
        """Serve one client to the end, however its dialogue ends."""
        # A client that has sent RST before it was accepted has no getpeername() any more.
        local, foreign = sockets.local_name(connection), sockets.name(client)
        visit = Visit(self.request, self.report, local=local, foreign=foreign)
        if self.request.get("sigurg"):
            urgent.on_signal(connection, lambda: self._tell_urgent(connection, visit.names))
        yield from visit.play(connection.recv, connection.send)
        connection.close()
        visit.over()

    def _tell_urgent(self, connection: socket.socket, names: Message) -> None:
        """Echo sends an urgent byte that came out of band back like that."""
        found = urgent.found(connection)
        self.report("urgent", **names, **found)
        if self.request["protocol"] == "echo" and found.get("byte"):
            with contextlib.suppress(OSError):
                connection.send(found["byte"].encode("latin-1"), socket.MSG_OOB)

    def answer(self, bound: socket.socket) -> Waits:
        """Receive one datagram and answer it."""
        yield Until.READABLE
        with contextlib.suppress(OSError):  # an ICMP error about an earlier reply, or no datagram
            yield from self.reply(bound, *bound.recvfrom(_DATAGRAM))

    def reply(self, bound: socket.socket, datagram: bytes, sender: Any) -> Waits:
        reply = DATAGRAM_SERVICES[self.request["protocol"]](datagram)
        if reply is not None:
            yield self.request["think"]
            with contextlib.suppress(OSError):
                bound.sendto(reply, sender)

    def report(self, status: str, **fields: Any) -> None:
        event = {
            "kind": "service",
            "service": self.request["service"],
            "status": status,
            "pid": os.getpid(),
            "t": clock.now(),
            **fields,
        }
        if threading.current_thread() is not threading.main_thread():
            event["thread"] = threading.get_native_id()
        # One write of less than PIPE_BUF bytes is never torn, however many children write.
        os.write(self._report_to, json.dumps(event).encode() + b"\n")
