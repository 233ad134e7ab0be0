"""What happens to a node's processes at run time: stopped, continued, ended as by power loss.

All of this is done by the lab's first process: it sees the processes of every node, and no node
can keep it from stopping or killing them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from netlab import linux
from netlab.collect.netlink import NETLINK_ROUTE, NetlinkSocket
from netlab.collect.sockets import destroy_all
from netlab.wire import rtnetlink

#: Seconds that processes may take to stop or to end.
_WITHIN = 5.0
_PAUSE = 0.001

#: States in /proc/<pid>/stat: stopped, traced, ended but not yet waited for, gone; and waiting in
#: the kernel, as for the exec of a vfork child that was stopped first: it stops when it returns.
_AT_REST = frozenset("TtZXD")


def freeze(agent: int) -> int:
    """Stop all processes of the node whose process 1 is ``agent``; how many there are.

    OSError (ETIMEDOUT) when they do not stop, as when they fork without end.
    """
    deadline = time.monotonic() + _WITHIN
    stopped: set[int] = set()
    while True:
        members = set(_members(agent))
        for pid in members - stopped:
            _send(pid, signal.SIGSTOP)
        if members <= stopped and all(_state(pid) in _AT_REST for pid in members):
            return len(members)
        stopped |= members
        _pause_until(deadline, "its processes do not stop")


def thaw(agent: int) -> int:
    """Let all processes of a node go on; how many there are."""
    members = _members(agent)
    for pid in members:
        _send(pid, signal.SIGCONT)
    return len(members)


def crash(agent: int, network: int, interfaces: Sequence[str]) -> bool:
    """End a node as a power failure does: nothing leaves it any more, not even FIN or RST.

    ``network`` is a descriptor of its network namespace, which stays with its links. False when
    the kernel cannot destroy sockets: those that were closing go on doing so.
    """
    with entered(network):
        take_down(interfaces)
        freeze(agent)
        destroy_all()
        _send(agent, signal.SIGKILL)
        _wait_for_end(agent)
        return destroy_all()


@contextlib.contextmanager
def entered(network: int) -> Iterator[None]:
    """This thread is in the network namespace ``network``, a descriptor."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        linux.setns(network, linux.CLONE_NEWNET)
        yield
    finally:
        linux.setns(own, linux.CLONE_NEWNET)
        os.close(own)


def take_down(interfaces: Sequence[str]) -> None:
    with NetlinkSocket(NETLINK_ROUTE) as netlink:
        netlink.change(
            [rtnetlink.set_link(socket.if_nametoindex(name), up=False) for name in interfaces]
        )


def _members(agent: int) -> list[int]:
    """The pids of all processes in the PID namespace of ``agent``."""
    namespace = _namespace(agent)
    pids = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    return [pid for pid in pids if namespace and _namespace(pid) == namespace]


def _namespace(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:
        return ""  # it has ended


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _wait_for_end(agent: int) -> None:
    """Process 1 of a PID namespace has ended when all others in it have."""
    deadline = time.monotonic() + _WITHIN
    while os.waitpid(agent, os.WNOHANG) == (0, 0):
        _pause_until(deadline, "its processes do not end")


def _pause_until(deadline: float, what: str) -> None:
    if time.monotonic() > deadline:
        raise TimeoutError(errno.ETIMEDOUT, what)
    time.sleep(_PAUSE)
