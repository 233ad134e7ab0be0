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
import fcntl
import gc
import json
import os
import select
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netlab import linux, processes
from netlab.agent.main import run_agent
from netlab.backends.netns import nodes, userns
from netlab.backends.netns.control import (
    COLLECTOR,
    EMULATOR,
    LONGEST_MESSAGE,
    MOST_DESCRIPTORS,
    SPILLED,
)
from netlab.collect.collector import run_collector
from netlab.errors import NetlabError
from netlab.fabric import carrier, changes, network
from netlab.fabric.configuration import Configuration
from netlab.fabric.device import Device

_NODE_NAMESPACES = linux.CLONE_NEWNET | linux.CLONE_NEWNS | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC

_MOST_PROBLEMS = 5

#: Characters of what a program said: of a long output, the end tells what is wrong.
_LAST_WORDS = 4096

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

#: A folder that every machine has; what it holds is hidden for a moment, from this lab only.
_ANY_FOLDER = "/tmp"  # noqa: S108 - a mount point, not a place for files


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
    _silence_fabric()
    linux.raise_descriptor_limit()
    gc.collect()
    gc.freeze()
    FirstProcess(control).serve()


def _silence_fabric() -> None:
    """Bridges and ports in the lab's namespace send no IPv6 packets of their own."""
    for scope in ("all", "default"):
        with contextlib.suppress(OSError):  # a kernel without IPv6
            Path(f"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6").write_text("1")


class FirstProcess:
    """Process 1 of the lab: forks the others, runs programs in the fabric, reports deaths."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self._names: dict[int, str] = {}
        self._networks: dict[str, int] = {}  # of nodes that were asked to change while they run
        self._wakeup_read, self._wakeup_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def serve(self) -> None:
        """Obey the orchestrator until it closes the control socket."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakeup_write)
        poller = select.poll()
        poller.register(self._control, select.POLLIN)
        poller.register(self._wakeup_read, select.POLLIN)
        while True:
            for descriptor, _ in poller.poll():
                if descriptor == self._wakeup_read:
                    self._reap()
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
        _tell(self._control, self._answer(request, descriptors))
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def _answer(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        match request["do"]:
            case "nodes":
                return self._fork_nodes(request, descriptors)
            case "collector" | "emulator" as name:
                _OWN_PROCESSES[name](self, descriptors)
                return {"pids": []}
            case "names":
                _bind_files(request["files"])
                return {"ok": True}
            case "prepare" | "configure" | "finish" as stage:
                return {"nodes": _at_each(request["nodes"], _STAGES[stage])}
            case "freeze" | "thaw" | "crash" | "change" as what:
                return self._at_node(what, request)
            case do:
                return _IN_FABRIC[do](request)

    def _fork_nodes(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        most = _SPARE_PROCESSES + 2 * request["of"]
        pids: list[int] = []
        for name, descriptor in zip(request["names"], descriptors, strict=True):
            try:
                pids.append(self._fork_node(name, descriptor, most))
            except OSError as error:
                why = f"no process can be started for node {name}: {error.strerror}"
                return {"lacks": why, "hint": _PROCESSES_HINT}
        return {"pids": pids}

    def _fork_node(self, name: str, descriptor: int, most_processes: int) -> int:
        # The new PID namespace is for the next child only; then back to the lab's own.
        linux.unshare(linux.CLONE_NEWPID)
        network = self._networks.get(name)
        pid = os.fork()
        if pid == 0:
            if network is not None:  # the node has crashed; its links are still there
                linux.setns(network, linux.CLONE_NEWNET)
            _keep_only([descriptor])
            _isolate_node(name, again=network is not None)
            linux.limit_processes(most_processes)
            run_agent(name, 3)
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
                        return {"problems": changes.change(request)}
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

    def fork_collector(self, descriptors: list[int]) -> None:
        pid = os.fork()
        if pid == 0:
            _keep_only(descriptors)
            run_collector(3, 4)
        self._names[pid] = COLLECTOR

    def fork_emulator(self, descriptors: list[int]) -> None:
        pid = os.fork()
        if pid == 0:
            _keep_only(descriptors)
            # Most labs have no emulator, and what is loaded here is loaded in every agent.
            from netlab.fabric.emulator.process import run_emulator  # noqa: PLC0415 - see above

            run_emulator(3)
        self._names[pid] = EMULATOR

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wakeup_read, 4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if name := self._names.pop(pid, None):
                code = os.waitstatus_to_exitcode(status)
                _tell(self._control, {"lost": name, "code": code})


def _keep_only(descriptors: list[int]) -> None:
    """Keep nothing of the parent's but standard streams and ``descriptors``, now 3 and on."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # First out of the way of each other, then into place.
    spare = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64) for descriptor in descriptors]
    for number, descriptor in enumerate(spare, start=3):
        os.dup2(descriptor, number, inheritable=False)
    os.closerange(3 + len(spare), 1 << 20)


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


def _at_each(
    nodes: Sequence[dict[str, Any]], work: Callable[[Configuration], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Do the same in each node's network namespace.

    Here and not in the agents: a forked process that does anything first has to copy what it
    touches, and a hundred of them do so for longer than the work takes.
    """
    own = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        results = []
        for node in nodes:
            linux.enter_network(node["pid"])
            results.append(work(Configuration.from_json(node["configuration"])))
    finally:
        linux.setns(own, linux.CLONE_NEWNET)
        os.close(own)
    return results


def _prepare(configuration: Configuration) -> dict[str, Any]:
    return {
        "problems": network.prepare(configuration),
        "congestion": network.set_congestion_control(configuration),
    }


def _configure(configuration: Configuration) -> dict[str, Any]:
    # An answer has to fit one message too, and the first problems are the causes of the others.
    return {"problems": network.apply(configuration)[:_MOST_PROBLEMS]}


def _finish(configuration: Configuration) -> dict[str, Any]:
    return {"problems": network.finish(configuration)[:_MOST_PROBLEMS]}


def _settle(request: dict[str, Any]) -> dict[str, Any]:
    """Wait for the carriers of the fabric's own interfaces."""
    return {"without": carrier.wait(within=request["within"])}


_STAGES = {"prepare": _prepare, "configure": _configure, "finish": _finish}


def _bind_files(files: dict[str, str]) -> None:
    """Put texts in the place of files, for this lab only.

    The texts live on a memory file system that no path leads to any more once they are bound.
    """
    there = Path(_ANY_FOLDER)
    linux.mount("netlab", str(there), "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
    try:
        for number, (target, text) in enumerate(files.items()):
            if not Path(target).exists():
                continue
            source = there / str(number)
            source.write_text(text)
            linux.mount(str(source), target, None, linux.MS_BIND)
    finally:
        linux.unmount(str(there))


def _switch_offloads_off(request: dict[str, Any]) -> dict[str, Any]:
    """Of the fabric's own interfaces."""
    problems = []
    for name in request["interfaces"]:
        with Device(name) as device:
            problems += [f"{name}: {refusal}" for refusal in device.disable_offloads()]
    return {"problems": problems[:_MOST_PROBLEMS]}


def _run(request: dict[str, Any]) -> dict[str, Any]:
    """Run a program in the fabric's namespaces; its exit code and what it said, or its end."""
    argv = request["argv"]
    try:
        done = subprocess.run(
            argv,
            input=request["input"],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except BlockingIOError:
        lacking = processes.none_left()
        return {"lacks": lacking.message, "hint": lacking.hint}
    except OSError as error:
        return {"code": 127, "output": f"{argv[0]}: {error.strerror}"}
    output = done.stdout if request.get("whole") else done.stdout[-_LAST_WORDS:]
    return {"code": done.returncode, "output": output}


_OWN_PROCESSES = {
    "collector": FirstProcess.fork_collector,
    "emulator": FirstProcess.fork_emulator,
}
_IN_FABRIC = {"program": _run, "offloads": _switch_offloads_off, "settle": _settle}
