"""What wires a lab from inside: configures nodes, runs programs, starts collector and emulator.

Its process is in the fabric's network namespace, where bridges and stretches are, and has power
over the nodes' network namespaces. Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netlab import linux, processes
from netlab.backends.wired.own import COLLECTOR, EMULATOR
from netlab.collect.collector import run_collector
from netlab.errors import EnvironmentLacks
from netlab.fabric import carrier, changes, network
from netlab.fabric.configuration import Configuration
from netlab.fabric.device import Device

Message = dict[str, Any]

_MOST_PROBLEMS = 5

#: Characters of what a program said: of a long output, the end tells what is wrong.
_LAST_WORDS = 4096


class Fabric(ABC):
    """Answers the requests that do not depend on what a node is made of.

    The processes that it forks are known by name, and their ends are told.
    """

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._wakeup_read, self._wakeup_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    @abstractmethod
    def tell(self, message: Message) -> None:
        """Say something to the orchestrator, which may be gone."""

    def obey(self, request: Message, descriptors: list[int]) -> Message:
        """The answer; ``lacks`` and ``hint`` are in it when this machine lacks something."""
        try:
            return self.answer(request, descriptors)
        except EnvironmentLacks as error:
            return {"lacks": error.message, "hint": error.hint}

    def answer(self, request: Message, descriptors: list[int]) -> Message:
        """What a request comes to; ``descriptors`` came with it."""
        match request["do"]:
            case "collector":
                self._fork(COLLECTOR, descriptors, lambda: run_collector(3, 4))
                return {"pids": []}
            case "emulator":
                self._fork(EMULATOR, descriptors, _run_emulator)
                return {"pids": []}
            case "prepare" | "configure" | "finish" as stage:
                return {"nodes": _at_each(request["nodes"], _STAGES[stage])}
            case do:
                return _IN_FABRIC[do](request)

    def _fork(self, name: str, descriptors: list[int], be: Callable[[], None]) -> None:
        pid = processes.fork()
        if pid == 0:
            keep_only(descriptors)
            be()
        self._names[pid] = name

    def watch_children(self) -> int:
        """A descriptor that becomes readable when a child ends; then ``reap``."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakeup_write)
        return self._wakeup_read

    def reap(self) -> None:
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
                self.tell({"lost": name, "code": os.waitstatus_to_exitcode(status)})


def _run_emulator() -> None:
    # Most labs have no emulator, and what is loaded here is loaded in every agent of netns.
    from netlab.fabric.emulator.process import run_emulator  # noqa: PLC0415 - see above

    run_emulator(3)


def keep_only(descriptors: list[int]) -> None:
    """Keep nothing of the parent's but standard streams and ``descriptors``, now 3 and on."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # First out of the way of each other, then into place.
    spare = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64) for descriptor in descriptors]
    for number, descriptor in enumerate(spare, start=3):
        os.dup2(descriptor, number, inheritable=False)
    os.closerange(3 + len(spare), 1 << 20)


def silence() -> None:
    """Bridges and ports in this namespace send no IPv6 packets of their own."""
    for scope in ("all", "default"):
        with contextlib.suppress(OSError):  # a kernel without IPv6
            Path(f"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6").write_text("1")


def _at_each(nodes: Sequence[Message], work: Callable[[Configuration], Message]) -> list[Message]:
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


def _prepare(configuration: Configuration) -> Message:
    return {
        "problems": network.prepare(configuration),
        "congestion": network.set_congestion_control(configuration),
    }


def _configure(configuration: Configuration) -> Message:
    # An answer has to fit one message too, and the first problems are the causes of the others.
    return {"problems": network.apply(configuration)[:_MOST_PROBLEMS]}


def _finish(configuration: Configuration) -> Message:
    return {"problems": network.finish(configuration)[:_MOST_PROBLEMS]}


_STAGES = {"prepare": _prepare, "configure": _configure, "finish": _finish}


def _settle(request: Message) -> Message:
    """Wait for the carriers of the fabric's own interfaces."""
    return {"without": carrier.wait(within=request["within"])}


def _switch_offloads_off(request: Message) -> Message:
    """Of the fabric's own interfaces."""
    problems = []
    for name in request["interfaces"]:
        with Device(name) as device:
            problems += [f"{name}: {refusal}" for refusal in device.disable_offloads()]
    return {"problems": problems[:_MOST_PROBLEMS]}


def run(request: Message) -> Message:
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
    except BlockingIOError as error:
        raise processes.none_left() from error
    except OSError as error:
        return {"code": 127, "output": f"{argv[0]}: {error.strerror}"}
    output = done.stdout if request.get("whole") else done.stdout[-_LAST_WORDS:]
    return {"code": done.returncode, "output": output}


_IN_FABRIC = {"program": run, "offloads": _switch_offloads_off, "settle": _settle}


def changed(request: Message) -> Message:
    """Change the network of the node whose namespace this thread is in."""
    return {"problems": changes.change(request)}
