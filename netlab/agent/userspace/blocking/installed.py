"""Modules that were written for the kernel's sockets run on our stack, as they are."""

from __future__ import annotations

import contextlib
import ftplib
import functools
import http.client
import http.server
import socketserver
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from netlab.agent.userspace.blocking import modules
from netlab.agent.userspace.blocking.process import is_here

_USUAL = (socketserver, http.client, http.server, ftplib)


@contextlib.contextmanager
def installed(*also: ModuleType) -> Iterator[None]:
    """For as long, http.client, http.server, socketserver, ftplib and ``also`` use our stack.

    That is: where their globals are ``socket``, ``select``, ``selectors``, ``threading`` and
    ``time``, or something of these, programs of a ``Process`` find ours; other threads find what
    was there. The modules socket, threading and so on themselves are left alone.
    """
    former: list[tuple[ModuleType, str, Any]] = []
    try:
        for module in (*_USUAL, *also):
            for name, value in list(vars(module).items()):
                if (instead := _instead(value)) is not None:
                    former.append((module, name, value))
                    setattr(module, name, instead)
        yield
    finally:
        for module, name, value in former:
            setattr(module, name, value)


def _instead(value: Any) -> Any:
    if isinstance(value, ModuleType):
        return _Module(value) if value in modules.OURS else None
    for module, replaced in modules.OURS.items():
        for name in replaced:
            if value is getattr(module, name):
                return _either(value, replaced[name])
    return None


def _either(original: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """A function or class that a module has by its name."""

    @functools.wraps(original, updated=())
    def call(*arguments: Any, **named: Any) -> Any:
        return (ours if is_here() else original)(*arguments, **named)

    return call


class _Module(ModuleType):
    """One of the standard library's, or ours: it depends on who asks."""

    def __init__(self, original: ModuleType) -> None:
        super().__init__(original.__name__, original.__doc__)
        self._original = original

    def __getattr__(self, name: str) -> Any:
        original = self.__dict__["_original"]
        return modules.ours(original, name) if is_here() else getattr(original, name)
