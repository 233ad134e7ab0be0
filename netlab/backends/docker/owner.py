"""Whose a run is: the process that orchestrates it, as any machine's netlab can recognise it."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

_NOWHERE = "?"

#: Of what _state gives: the start time, and the states of those that wait to be reaped.
_STARTED = 19
_DEAD = frozenset({"Z", "X"})


@dataclass(frozen=True, slots=True)
class Owner:
    """``machine`` is a hash; ``started`` is in the kernel's ticks since ``boot``."""

    machine: str
    boot: str
    user: int
    pid: int
    started: str

    @classmethod
    def this_process(cls) -> Owner:
        machine = _read("/etc/machine-id") or os.uname().nodename
        # Containers of one image have one machine-id, but pids of their own.
        pids = ""
        with suppress(OSError):
            pids = str(Path("/proc/self/ns/pid").readlink())
        return cls(
            machine=hashlib.sha256(f"{machine} {pids}".encode()).hexdigest()[:12],
            boot=_read("/proc/sys/kernel/random/boot_id") or _NOWHERE,
            user=os.getuid(),
            pid=os.getpid(),
            started=started_at(os.getpid()) or _NOWHERE,
        )

    @classmethod
    def parse(cls, label: str) -> Owner | None:
        """None when another version of netlab wrote it in another way."""
        try:
            machine, boot, user, pid, started = label.split("/")
            return cls(machine, boot, int(user), int(pid), started)
        except ValueError:
            return None

    def __str__(self) -> str:
        return "/".join(map(str, astuple(self)))


def lives(owner: Owner) -> bool:
    """Whether an owner of this machine's present boot still runs."""
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    state = _state(owner.pid)
    # Where /proc hides other users' processes, the pid alone has to do.
    return not state or (state[0] not in _DEAD and state[_STARTED] == owner.started)


def started_at(pid: int) -> str:
    """When a process of this machine started, in the kernel's ticks; empty when it is not seen."""
    state = _state(pid)
    return state[_STARTED] if state else ""


def _state(pid: int) -> list[str]:
    """Of proc_pid_stat(5), from the third field on."""
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
