"""The program of the fabric container. It obeys its standard input, and nothing else.

It sees all processes of the engine's machine (``pid: host``), for that is how it finds the network
namespaces of the lab's nodes: to put ends of links into them, to configure and to capture there,
and to reach their agents. When its standard input ends, so do the nodes that it knows, and it
itself. Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

from netlab import linux
from netlab.agent.contained import ADDRESS
from netlab.backends.docker.frames import message
from netlab.backends.docker.relay import Relay
from netlab.backends.wired import nodes
from netlab.backends.wired.fabric import Fabric, changed, run, silence
from netlab.collect.sockets import destroy_all

Message = dict[str, Any]

#: Seconds that an agent may take to listen; generous, since a busy machine is no error.
_AGENT_WITHIN = 60.0
_PAUSE = 0.002

_NOT_YET = frozenset({errno.ECONNREFUSED, errno.ENOENT})


def main() -> None:
    """Be the fabric of one lab; returns when the lab is over."""
    silence()
    linux.raise_descriptor_limit()
    program = FabricProgram()
    try:
        program.serve()
    finally:
        program.end_nodes()


class FabricProgram(Fabric):
    def __init__(self) -> None:
        super().__init__()
        self._relay = Relay(self._take)
        self._nodes: dict[str, int] = {}
        self._first: dict[str, int] = {}  # descriptors of the nodes' first processes
        self._networks: dict[str, int] = {}  # descriptors of the nodes' network namespaces
        self._former: dict[str, int] = {}  # likewise, of nodes that were started again

    def serve(self) -> None:
        self._relay.when_readable(self.watch_children(), self.reap)
        self._relay.serve()

    def tell(self, message_: Message) -> None:
        with contextlib.suppress(OSError):  # nobody is left to be told: the lab ends anyway
            self._relay.send(message(message_))

    def _take(self, data: bytes) -> None:
        request = json.loads(data)
        descriptors = [
            self._relay.pair(stream["number"], tells=stream["tells"])
            for stream in request.get("streams", ())
        ]
        self.tell({"id": request["id"], **self.obey(request, descriptors)})
        for descriptor in descriptors:
            os.close(descriptor)

    def answer(self, request: Message, descriptors: list[int]) -> Message:
        match request["do"]:
            case "nodes":
                return self._find_nodes(request["nodes"])
            case "clock":
                return {"t": time.time_ns()}
            case "return":
                return self._give_back(request)
            case do if do in _AT_NODE:
                return self._at_node(request, _AT_NODE[do])
            case _:
                return super().answer(request, descriptors)

    def _find_nodes(self, wanted: list[Message]) -> Message:
        """Know nodes by the pids of their first processes, and reach their agents."""
        for node in wanted:
            name, pid = node["name"], node["pid"]
            self._nodes[name] = pid
            if name in self._networks:
                self._former[name] = self._networks[name]
            try:
                self._first[name] = os.pidfd_open(pid)
                self._networks[name] = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
                if node["stream"]:
                    self._relay.add(node["stream"], self._reach(name))
            except OSError as error:
                return {"unreachable": name, "error": error.strerror}
        return {}

    def _reach(self, name: str) -> socket.socket:
        """A connection to the agent of a node, made in the node's network namespace."""
        deadline = time.monotonic() + _AGENT_WITHIN
        with nodes.entered(self._networks[name]):
            agent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            while True:
                try:
                    agent.connect(ADDRESS)
                except OSError as error:
                    if error.errno not in _NOT_YET or time.monotonic() > deadline:
                        agent.close()
                        raise
                    if not os.path.exists(f"/proc/{self._nodes[name]}"):  # noqa: PTH110 - see above
                        raise
                    time.sleep(_PAUSE)
                else:
                    return agent

    def _at_node(self, request: Message, do: Callable[[Message], Message]) -> Message:
        """Do something in a node's network namespace; ``error`` when it could not be done."""
        try:
            with nodes.entered(self._networks[request["node"]]):
                return do(request)
        except OSError as error:
            return {"error": error.strerror}

    def _give_back(self, request: Message) -> Message:
        """A node that was started again gets the interfaces of its former network namespace."""
        name = request["node"]
        moves = [f"link set dev {each} netns {self._nodes[name]}" for each in request["interfaces"]]
        with nodes.entered(self._former[name]):
            done = run({"argv": ["ip", "-batch", "-"], "input": "\n".join(moves)})
        os.close(self._former.pop(name))
        return {"error": done["output"]} if done["code"] else {}

    def end_nodes(self) -> None:
        """Kill the first process of each node, and with it, the kernel does all others."""
        for name, first in self._first.items():
            with contextlib.suppress(OSError):  # it has crashed; its pid may be another's by now
                try:
                    signal.pidfd_send_signal(first, signal.SIGKILL)
                except PermissionError:  # it is there, and another user's
                    linux.end_with_this_process(self._nodes[name])


def _destroy_sockets(_request: Message) -> Message:
    """What a node had open goes on closing as long as its network namespace is there."""
    return {"clean": destroy_all()}


def _take_down(request: Message) -> Message:
    nodes.take_down(request["interfaces"])
    return {}


_AT_NODE = {"change": changed, "leave": _take_down, "forget": _destroy_sockets}
