"""The process that is the lab.

::

    orchestrator ── holder (outside) ── first process of the lab's PID namespace
                                          ├── collector
                                          ├── agent of node c1   (own network, mount, UTS, IPC
                                          └── agent of node …     and PID namespaces)

Everything the lab has lives in namespaces below the first process. When it ends, for whatever
reason, the kernel ends every process in them and removes every interface, mount and namespace.
It ends when the orchestrator does, by a death signal and by the end of its control socket.

Standard library only: agents are forked from here, warm, and share its memory.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import json
import os
import select
import socket
from typing import Any

from netlab import linux, processes
from netlab.agent.main import run_agent
from netlab.backends.netns import equipment, userns
from netlab.backends.netns.control import LONGEST_MESSAGE, MOST_DESCRIPTORS, SPILLED
from netlab.backends.wired import nodes
from netlab.backends.wired.fabric import Fabric, changed, keep_only, silence
from netlab.errors import NetlabError

_NODE_NAMESPACES = linux.CLONE_NEWNET | linux.CLONE_NEWNS | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC

_PROC_HINT = (
    "a container hides parts of /proc and so forbids this:"
    " run it with --security-opt systempaths=unconfined"
)

#: Processes that a lab may have besides two for each node: a program that forks without end stops
#: here, and neither takes the machine with it nor the other nodes' agents.
_SPARE_PROCESSES = 2048

_PROCESSES_HINT = (
    "a user's processes are limited (ulimit -u), and all together (kernel.pid_max,"
    " and pids.max of the cgroup): raise what is too low, or make the lab smaller"
)


def main(control_descriptor: int) -> None:
    """Be the holder of one lab; returns when the lab is over."""
    control = socket.socket(fileno=control_descriptor)
    orchestrator = os.getppid()
    try:
        userns.enter(
            linux.CLONE_NEWPID
            | linux.CLONE_NEWNET
            | linux.CLONE_NEWNS
            | linux.CLONE_NEWUTS
            | linux.CLONE_NEWIPC
        )
        linux.die_with_parent(orchestrator)
        first = processes.fork()
    except NetlabError as error:
        _tell(control, {"error": error.message, "hint": error.hint})
        return
    if first == 0:
        _be_first_process(control)
        os._exit(0)
    _tell(control, {"first": first})
    control.close()
    os.waitpid(first, 0)


def _tell(control: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # nobody is left to be told: the lab ends anyway
        control.send(json.dumps(message).encode())


def _be_first_process(control: socket.socket) -> None:
    linux.die_with_parent(0)  # the parent is in another PID namespace, and so reads as 0
    try:
        linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
        linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    except OSError as error:
        _tell(
            control,
            {"error": f"a lab cannot have its own /proc: {error.strerror}", "hint": _PROC_HINT},
        )
        return
    _tell(control, {"ready": True})
    silence()
    linux.raise_descriptor_limit()
    gc.collect()
    gc.freeze()
    FirstProcess(control).serve()


class FirstProcess(Fabric):
    """Process 1 of the lab: forks the others, runs programs in the fabric, reports deaths."""

    def __init__(self, control: socket.socket) -> None:
        super().__init__()
        self._control = control
        self._own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self._networks: dict[str, int] = {}  # of nodes that were asked to change while they run

    def serve(self) -> None:
        """Obey the orchestrator until it closes the control socket."""
        wakeup = self.watch_children()
        poller = select.poll()
        poller.register(self._control, select.POLLIN)
        poller.register(wakeup, select.POLLIN)
        while True:
            for descriptor, _ in poller.poll():
                if descriptor == wakeup:
                    self.reap()
                elif not self._obey():
                    return

    def _obey(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(
            self._control, LONGEST_MESSAGE, MOST_DESCRIPTORS + 1
        )
        if not data:
            return False
        if data == SPILLED:
            spilled = descriptors.pop()
            data = os.pread(spilled, os.fstat(spilled).st_size, 0)
            os.close(spilled)
        request = json.loads(data)
        self.tell(self.obey(request, descriptors))
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def tell(self, message: dict[str, Any]) -> None:
        _tell(self._control, message)

    def answer(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        match request["do"]:
            case "nodes":
                return self._fork_nodes(request, descriptors)
            case "names":
                equipment.cover(
                    (path, text.encode(), 0o644)
                    for path, text in request["files"].items()
                    if os.path.exists(path)  # noqa: PTH110 - a path from a message
                )
                return {"ok": True}
            case "freeze" | "thaw" | "crash" | "change" as what:
                return self._at_node(what, request)
            case _:
                return super().answer(request, descriptors)

    def _fork_nodes(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        most = _SPARE_PROCESSES + 2 * request["of"]
        pids: list[int] = []
        for name, descriptor in zip(request["names"], descriptors, strict=True):
            own = equipment.of_node(name, request["equipment"])
            try:
                pids.append(self._fork_node(name, descriptor, most, own))
            except OSError as error:
                why = f"no process can be started for node {name}: {error.strerror}"
                return {"lacks": why, "hint": _PROCESSES_HINT}
        return {"pids": pids}

    def _fork_node(
        self, name: str, descriptor: int, most_processes: int, own: equipment.Equipment
    ) -> int:
        # The new PID namespace is for the next child only; then back to the lab's own.
        linux.unshare(linux.CLONE_NEWPID)
        network = self._networks.get(name)
        pid = os.fork()
        if pid == 0:
            if network is not None:  # the node has crashed; its links are still there
                linux.setns(network, linux.CLONE_NEWNET)
            keep_only([descriptor])
            _isolate_node(name, again=network is not None)
            linux.limit_processes(most_processes)
            run_agent(name, 3, prepare=own.put)
        linux.setns(self._own_pids, linux.CLONE_NEWPID)
        self._names[pid] = name
        return pid

    def _at_node(self, what: str, request: dict[str, Any]) -> dict[str, Any]:
        """What a node is asked to do while the lab runs; ``error`` when it could not be done."""
        name = request["node"]
        agent = next((pid for pid, known in self._names.items() if known == name), None)
        try:
            match what:
                case "freeze":
                    return {"processes": nodes.freeze(_running(agent))}
                case "thaw":
                    return {"processes": nodes.thaw(_running(agent))}
                case "crash":
                    return {"clean": self._crash(name, _running(agent), request["interfaces"])}
                case _:
                    with nodes.entered(self._network(name, agent)):
                        return changed(request)
        except OSError as error:
            return {"error": error.strerror}

    def _crash(self, name: str, agent: int, interfaces: list[str]) -> bool:
        network = self._network(name, agent)
        del self._names[agent]  # its end is no news
        return nodes.crash(agent, network, interfaces)

    def _network(self, name: str, agent: int | None) -> int:
        """The network namespace of a node, which from now on outlives its processes."""
        if name not in self._networks:
            path = f"/proc/{_running(agent)}/ns/net"
            self._networks[name] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        return self._networks[name]


def _running(agent: int | None) -> int:
    if agent is None:
        raise ProcessLookupError(errno.ESRCH, "it is not running")
    return agent


def _isolate_node(name: str, *, again: bool) -> None:
    """Give this process the namespaces of a node. It is process 1 of its PID namespace already.

    ``again``: it is in the node's network namespace already.
    """
    linux.unshare(_NODE_NAMESPACES & ~linux.CLONE_NEWNET if again else _NODE_NAMESPACES)
    socket.sethostname(name)
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    with contextlib.suppress(OSError):  # a container may hide parts of /sys and so forbid this
        linux.mount("sysfs", "/sys", "sysfs", linux.MS_NOSUID | linux.MS_NODEV)
