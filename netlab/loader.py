"""Reads a topology file in a process of its own.

pydantic takes as long to load as the rest of netlab. On two processors, both load at once.
"""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from netlab import processes
from netlab.errors import LabError, NetlabError

if TYPE_CHECKING:
    from netlab.topology.plan import Plan
    from netlab.topology.stacks import Stack


class Loader:
    """Begins to read at once; to be made while this process has one thread."""

    def __init__(
        self,
        file: Path,
        seed: int | None,
        stack: Stack | None = None,
        backend: str | None = None,
    ) -> None:
        self._read = partial(_read, file, seed, stack, backend)
        self._child: int | None = None
        if hasattr(os, "fork"):
            self._start()

    def _start(self) -> None:
        self._answer, writing = os.pipe()
        self._child = processes.fork()
        if self._child == 0:
            _tell(self._read, writing)
        os.close(writing)

    def plan(self) -> Plan:
        """The Plan of the file, or the error of `loading.load`."""
        result = self._received() if self._child is not None else self._read()
        if isinstance(result, NetlabError):
            raise result
        return result

    def _received(self) -> Plan | NetlabError:
        assert self._child is not None
        with os.fdopen(self._answer, "rb") as stream:
            data = stream.read()
        os.waitpid(self._child, 0)
        if not data:
            raise LabError("the process that read the topology file ended without an answer")
        result: Plan | NetlabError = pickle.loads(data)  # noqa: S301 - from our child, over our pipe
        return result


def _tell(read: Callable[[], Plan | NetlabError], writing: int) -> NoReturn:
    gc.disable()  # this process ends before there is any garbage worth the search
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # none changes what a topology file means
    try:
        with os.fdopen(writing, "wb") as stream:
            stream.write(pickle.dumps(read()))
    finally:
        os._exit(0)


def _read(
    file: Path, seed: int | None, stack: Stack | None, backend: str | None
) -> Plan | NetlabError:
    from netlab.topology.loading import load  # noqa: PLC0415 - the point of this module

    try:
        return load(file, seed=seed, stack=stack, backend=backend)
    except NetlabError as error:
        return error.with_traceback(None)
