"""Which backend a lab is on: --backend, else the file's ``backend``, else netns."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from netlab.backends import needs
from netlab.errors import EnvironmentLacks, UsageError
from netlab.topology.equipment import BACKENDS
from netlab.topology.stacks import Stack

if TYPE_CHECKING:
    from netlab.backends.protocol import Backend
    from netlab.topology.plan import Plan

DEFAULT = BACKENDS[0]

#: Those that can give nodes what `needs.KEYS` are about.
_EQUIPPING = ("netns", "docker")

#: name -> (module, class); imported when it is chosen.
_MADE_BY = {
    "netns": ("netlab.backends.netns.backend", "NetnsBackend"),
    "docker": ("netlab.backends.docker.backend", "DockerBackend"),
    "sim": ("netlab.backends.sim.backend", "SimBackend"),
}


def make(name: str) -> Backend:
    """A backend of that kind; UsageError when this version has none.

    EnvironmentLacks where this system cannot have it.
    """
    if name == DEFAULT and sys.platform != "linux":
        raise EnvironmentLacks(f"the {name} backend needs Linux", hint="use --backend sim")
    module, made = _MADE_BY[name]
    if not _is_built(module):
        raise UsageError(f"the {name} backend is not built", hint=f"use --backend {DEFAULT}")
    backend: Backend = getattr(import_module(module), made)()
    return backend


def _is_built(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even its package is there
        return False


def _likely() -> str:
    """What can be loaded before anybody knows what the file says."""
    return DEFAULT if sys.platform == "linux" else "sim"


class Chosen:
    """The backend that was asked for, or one that is likely and may be left for another."""

    def __init__(self, name: str | None) -> None:
        self._asked_for = name
        self._backend = make(name or _likely())
        self._backend.warm()

    def for_plan(self, plan: Plan) -> Backend:
        """The Plan's backend, nothing of it started; UsageError if it lacks what nodes need."""
        wanted = self._asked_for or plan.backend or DEFAULT
        if wanted != self._backend.name:
            self._backend.kill()
            self._backend = make(wanted)
        if self._backend.is_virtual:
            _refuse_kernels(plan, wanted)
        others = [name for name in _EQUIPPING if name != wanted]
        needs.check(plan, wanted, self._backend.supports, f"use --backend {' or '.join(others)}")
        return self._backend

    def kill(self) -> None:
        self._backend.kill()


def _refuse_kernels(plan: Plan, backend: str) -> None:
    on_kernel = [node.name for node in plan.nodes if node.stack is Stack.KERNEL]
    if on_kernel:
        raise UsageError(
            f"{backend} has netlab's own stack only, and {on_kernel[0]} is on the kernel's",
            where=plan.source,
            hint="leave '--stack kernel' out, or use another backend",
        )


@contextmanager
def warm(name: str | None) -> Iterator[Chosen]:
    """A backend that has begun to load; nothing of it is left when the context ends.

    ``name`` None is as the file says, which is not known yet.
    """
    chosen = Chosen(name)
    try:
        yield chosen
    finally:
        chosen.kill()
