"""The Docker Engine of tests: why there is none to use, and what commands have left on it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from netlab.backends.docker import images
from netlab.backends.docker.containers import LABEL
from netlab.backends.docker.engine import Engine
from netlab.errors import NetlabError
from netlab.testing.labs import descendants

_PAUSE = 0.05


def connect() -> Engine:
    """The engine, with all images of this checkout; EnvironmentLacks, with the fix, without."""
    engine = Engine.connect()
    try:
        for name in images.names():
            engine.image(images.tag(name))
    except NetlabError:
        engine.close()
        raise
    return engine


class Containers:
    """What netlab commands of a test have made on an engine that others may use too.

    Known by the process that made them: one that ``run`` has started, or ``watch`` was told of, or
    any process below this one that still runs.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pids: set[int] = set()

    def run(
        self, *words: str | Path, environment: Mapping[str, str] | None = None, within: float = 100
    ) -> subprocess.CompletedProcess[str]:
        """Run a netlab command."""
        argv = [sys.executable, "-m", "netlab", *map(str, words)]
        with subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        ) as process:
            self.watch(process.pid)
            try:
                out, err = process.communicate(timeout=within)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(argv, process.returncode, out, err)

    def watch(self, pid: int) -> None:
        self._pids.add(pid)

    def there(self) -> list[dict[str, Any]]:
        """As the engine lists them, with ``Id``, ``Names``, ``Labels`` and ``State``."""
        return list(self._ours())

    def left(self, *, within: float = 5.0) -> list[str]:
        """The names of those that are there when so many seconds have passed to remove them."""
        deadline = time.monotonic() + within
        while (left := self.there()) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        return [name for each in left for name in each["Names"]]

    def _ours(self) -> Iterator[dict[str, Any]]:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        makers = self._pids | {os.getpid(), *descendants(os.getpid())}
        for each in self._engine.all_of_netlab():
            _, of_boot, _, pid, _ = each["Labels"][f"{LABEL}.owner"].split("/")
            if of_boot == boot and int(pid) in makers:
                yield each


def labelled(engine: Engine, *, lab: str) -> list[str]:
    """The names of the containers of all runs of a lab."""
    return [
        name
        for each in engine.all_of_netlab()
        if each["Labels"][f"{LABEL}.lab"] == lab
        for name in each["Names"]
    ]
