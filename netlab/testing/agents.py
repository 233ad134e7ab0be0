"""An agent as a process of its own, on this machine's loopback interface, for tests."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from contextlib import suppress
from typing import Any

from netlab.agent.children import run_child
from netlab.agent.main import serve

Message = dict[str, Any]


class AgentProcess:
    """Speaks to an agent as the orchestrator does, but blocking; all waits end after 20 s."""

    def __init__(self) -> None:
        self._endpoint, theirs = socket.socketpair()
        self._endpoint.settimeout(20)
        self.pid = os.fork()
        if self.pid == 0:
            self._endpoint.close()
            os.setsid()
            run_child("agent", lambda: asyncio.run(serve("c1", theirs)))
        theirs.close()
        self._lines = self._endpoint.makefile("rb")
        self._next = 1
        self._answers: dict[int, Message] = {}
        self.events: list[Message] = []

    def begin(self, do: str, **arguments: Any) -> int:
        number = self._next
        self._next += 1
        request = {"id": number, "do": do, **arguments}
        self._endpoint.sendall(json.dumps(request).encode() + b"\n")
        return number

    def answer(self, number: int) -> Message:
        while number not in self._answers:
            self._read()
        return self._answers.pop(number)

    def ask(self, do: str, **arguments: Any) -> Message:
        return self.answer(self.begin(do, **arguments))

    def wait_for(self, kind: str, **wanted: Any) -> Message:
        """The first event, past or to come, of ``kind`` with all the ``wanted`` fields."""
        seen = 0
        while True:
            for event in self.events[seen:]:
                if event["kind"] == kind and wanted.items() <= event.items():
                    return event
            seen = len(self.events)
            self._read()

    def serve(self, protocol: str, transport: str = "tcp", **fields: Any) -> tuple[str, int]:
        """Start a service; its address and port."""
        name = f"{protocol} {transport}"
        request = {
            "service": name,
            "protocol": protocol,
            "transport": transport,
            "port": 0,
            "address": "127.0.0.1",
            "model": "fork" if transport == "tcp" else "iterative",
            "backlog": 16,
            "think": 0.0,
            "close_after": 0.0,
            "workers": 3,
            "accept_lock": False,
            "options": {},
        }
        answer = self.ask("service", **(request | fields))
        assert answer["ok"], answer
        local = self.wait_for("service", service=name, status="listening")["local"]
        return local.rpartition(":")[0], int(local.rpartition(":")[2])

    def connect(self, name: str, target: tuple[str, int], **fields: Any) -> Message:
        request = {
            "conn": name,
            "transport": "tcp",
            "address": target[0],
            "port": target[1],
            "local_address": None,
            "local_port": None,
            "process": None,
            "options": {},
            "within": 10.0,
            "seed": 7,
        }
        return self.ask("connect", **(request | fields))

    def over(self, name: str, do: str, **fields: Any) -> Message:
        """An operation on the connection ``name``."""
        return self.ask(do, **({"conn": name, "within": 10.0, "seed": 7} | fields))

    def last_operation(self, name: str) -> Message:
        return next(e for e in reversed(self.events) if e["kind"] == "op" and e["conn"] == name)

    def end(self) -> None:
        """Close the channel, as the orchestrator's end does; the agent exits by itself."""
        self._lines.close()
        self._endpoint.close()
        os.waitpid(self.pid, 0)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)  # the services: in a lab they die with process 1

    def _read(self) -> None:
        line = self._lines.readline()
        assert line, "the agent has ended"
        message = json.loads(line)
        if "event" in message:
            self.events.append(message["event"])
        else:
            self._answers[message["id"]] = message
