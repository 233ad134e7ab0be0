"""What a netlab command may have left on the machine after it ended.

Network namespaces, interfaces in them, captures and abstract sockets live as long as a process or
a mount holds them. So it is enough to look for processes, mounts, interfaces of our own network,
and files: processes are known by an environment variable that everything a lab starts inherits.
"""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

_MARK = "NETLAB_TESTING_RUN"

_PAUSE = 0.02

_OURS = re.compile(r"eth\d+|lan\d+(\.\d+)?")

#: Of an engine for its containers, anybody's: what is left of those, the engine is asked.
_OF_CONTAINERS = re.compile(r".*(/overlay2/[0-9a-f]+/merged|/netns/([0-9a-f]{12}|default))")


class Leftovers:
    """Looks before and after. ``folder`` is empty and becomes the commands' TMPDIR.

    Commands are to be started with ``environment``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mark = f"{_MARK}={uuid.uuid4()}"
        self._interfaces = _interfaces()
        self._mounts = _mounts()

    @property
    def environment(self) -> dict[str, str]:
        name, _, value = self._mark.partition("=")
        return os.environ | {name: value, "TMPDIR": str(self._folder)}

    def found(self, *, within: float = 5.0) -> list[str]:
        """A line for everything that is left when the kernel had so many seconds to remove it."""
        deadline = time.monotonic() + within
        while (left := list(self._look())) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        return left

    def _look(self) -> Iterator[str]:
        yield from (f"process {_described(each)}" for each in self._processes())
        yield from (f"interface {name}" for name in sorted(_interfaces() - self._interfaces))
        yield from (f"mount {line}" for line in sorted(_mounts() - self._mounts))
        yield from (f"file {path}" for path in sorted(self._folder.rglob("*")))

    def _processes(self) -> Iterator[Path]:
        mark = self._mark.encode()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                variables = (process / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if mark in variables:
                yield process


def _interfaces() -> set[str]:
    """Those with names that labs give: other programs come and go beside a test."""
    return {path.name for path in Path("/sys/class/net").iterdir() if _OURS.fullmatch(path.name)}


def _mounts() -> set[str]:
    """Mount points with what is mounted there; their numbers change and mean nothing."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    mounts = {" ".join(line.split()[3:5]) for line in lines}
    return {mount for mount in mounts if not _OF_CONTAINERS.fullmatch(mount)}


def _described(process: Path) -> str:
    """Its pid, its command line and the network namespace that it keeps alive."""
    try:
        words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return f"{process.name} ({words.strip()}) in {(process / 'ns/net').readlink()}"
    except OSError:
        return process.name
