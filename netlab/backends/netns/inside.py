"""Entering a node of a running lab from outside, as `nsenter` would."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from netlab import linux
from netlab.errors import EnvironmentLacks, UsageError

_LAB = (("user", linux.CLONE_NEWUSER), ("pid", linux.CLONE_NEWPID), ("mnt", linux.CLONE_NEWNS))

#: The mount namespace comes last: the others are found through the lab's /proc.
_NODE = (
    ("net", linux.CLONE_NEWNET),
    ("uts", linux.CLONE_NEWUTS),
    ("ipc", linux.CLONE_NEWIPC),
    ("pid", linux.CLONE_NEWPID),
    ("mnt", linux.CLONE_NEWNS),
)

_NOT_FOUND, _NOT_EXECUTABLE = 127, 126


def run(first_pid: int, node_pid: int, argv: Sequence[str], env: Mapping[str, str]) -> int:
    """Run ``argv`` in a node with this terminal; its exit code, as a shell would give it.

    ``first_pid`` is the lab's first process, ``node_pid`` the node's agent inside the lab; ``env``
    comes on top of this process's environment. This process must have one thread, and stays in the
    lab's namespaces: call it last.
    """
    folder = Path.cwd()
    try:
        _enter(f"/proc/{first_pid}/ns", _LAB)
        _enter(f"/proc/{node_pid}/ns", _NODE)
    except FileNotFoundError as error:
        raise UsageError("the node has just ended") from error
    except OSError as error:
        raise EnvironmentLacks(
            f"the lab's namespaces cannot be entered: {error.strerror}",
            hint="a lab is entered by the user who started it, or by root",
        ) from error
    with suppress(OSError):  # an ordinary user may not, and need not
        os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    program = os.fork()
    if program == 0:
        _become(argv, folder, env)
    # Ctrl-C goes to the program too; it is the program that decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGQUIT, signal.SIG_IGN)
    _, status = os.waitpid(program, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _enter(folder: str, kinds: Sequence[tuple[str, int]]) -> None:
    descriptors = [
        (os.open(f"{folder}/{name}", os.O_RDONLY | os.O_CLOEXEC), kind) for name, kind in kinds
    ]
    for descriptor, kind in descriptors:
        linux.setns(descriptor, kind)
        os.close(descriptor)


def _become(argv: Sequence[str], folder: Path, env: Mapping[str, str]) -> NoReturn:
    linux.die_with_parent(0)  # the parent is in another PID namespace, and so reads as 0
    for place in (folder, Path("/")):
        with suppress(OSError):
            os.chdir(place)
            break
    environment = os.environ.copy()
    if not os.access(environment.get("HOME", "/"), os.X_OK):
        environment["HOME"] = "/"
    environment |= env
    try:
        os.execvpe(argv[0], list(argv), environment)  # noqa: S606 - the user's own program
    except OSError as failure:
        from netlab.agent.program import refusal  # noqa: PLC0415 - loads asyncio, to no other use

        error = refusal(argv[0], None, failure)
        sys.stderr.write(f"netlab: {argv[0]}: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE)
