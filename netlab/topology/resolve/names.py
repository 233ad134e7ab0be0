"""What steps name with ``as`` and ``in``: connections, sockets, programs and child processes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Any

from netlab.topology.hints import did_you_mean, one_of, shown
from netlab.topology.marks import Path
from netlab.topology.problems import Problems
from netlab.topology.steps import NODE_EVENTS, Moment


class Thing(StrEnum):
    TCP = "TCP connection"
    UDP = "connected UDP socket"
    OPEN = "unconnected UDP socket"
    CROWD = "group of connections"
    FLOOD = "flood"
    PROGRAM = "program"
    PROCESS = "child process"
    PROBE = "probe"
    OBSERVER = "ICMP observer"


CONNECTIONS = (Thing.TCP, Thing.UDP, Thing.OPEN)

#: What has packets and operations of its own.
TRAFFIC = (*CONNECTIONS, Thing.CROWD)

_OF_SOCKETS = ("sent", "received", "closed", "failed", "done")
EVENTS_OF = {
    Thing.TCP: ("established", *_OF_SOCKETS, "shutdown"),
    Thing.UDP: ("established", *_OF_SOCKETS),
    Thing.OPEN: ("opened", *_OF_SOCKETS),
    Thing.CROWD: ("established", "failed", "done"),
    Thing.FLOOD: ("failed", "done"),
    Thing.PROGRAM: ("started", "exited", "done"),
    Thing.PROCESS: ("started", "exited"),
    Thing.PROBE: ("failed", "done"),
    Thing.OBSERVER: ("failed", "done"),
}


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    thing: Thing
    node: str
    path: Path
    version: int | None = None  # of IP, where a socket is bound to one
    peer: str | None = None  # the address that a socket is connected to


class Names:
    """``omitted`` names belong to steps with mistakes of their own: they are known, no more.

    ``reserved`` are those that the file gives; made-up names keep clear of them.
    """

    def __init__(
        self,
        problems: Problems,
        *,
        nodes: frozenset[str],
        omitted: frozenset[str],
        reserved: frozenset[str],
    ) -> None:
        self._problems = problems
        self._nodes = nodes
        self._omitted = set(omitted)
        self._reserved = reserved
        self._known: dict[str, Named] = {}
        self._counters: dict[str, count[int]] = {}
        self._expected: list[tuple[Moment, Path]] = []

    def define(self, name: str, thing: Thing, node: str, path: Path, **more: Any) -> None:
        """``more`` are other fields of ``Named``."""
        other = self._known.get(name)
        if other is None:
            self._known[name] = Named(name, thing, node, path, **more)
            return
        if thing is Thing.PROCESS is other.thing and other.node == node:
            return  # several connections may be in one child process
        where = self._problems.document.where(other.path)
        self._problems.add(path, f"the name {name!r} is already taken at {where}")

    def made_up(self, stem: str) -> str:
        numbers = self._counters.setdefault(stem, count(1))
        return next(n for i in numbers if (n := f"{stem}-{i}") not in self._reserved)

    def excuse(self, name: str | None) -> None:
        """The step that defines ``name`` has a mistake, which is enough to say."""
        if name is not None:
            self._omitted.add(name)

    def find(
        self, name: str, things: tuple[Thing, ...], path: Path, *, key: bool = False
    ) -> Named | None:
        """None if there is no such thing, with a problem unless another one explains it.

        ``key``: the file has the name as the key of ``path``.
        """
        named = self._known.get(name)
        if named is None:
            if name not in self._omitted:
                near = did_you_mean(name, {*self._known, *self._omitted})
                hint = near or "a name is defined with 'as' first"
                message = f"nothing is called {shown(name)} up to here"
                self._problems.add(path, message, hint, key=key)
            return None
        if named.thing not in things:
            wanted = one_of(_with_article(thing) for thing in things)
            message = f"{name!r} is {_with_article(named.thing)}, not {wanted}"
            self._problems.add(path, message, key=key)
            return None
        return named

    def expect(self, moment: Moment | None, path: Path) -> None:
        """Something waits for ``moment``, whose name may be defined later: see `check_expected`."""
        if moment is not None:
            self._expected.append((moment, path))

    def check_expected(self) -> None:
        """To be called when all is defined."""
        for moment, path in self._expected:
            self.check_moment(moment, path)

    def check_moment(self, moment: Moment | None, path: Path) -> None:
        if moment is None:
            return
        if moment.event in NODE_EVENTS:
            self._check_node(moment, path)
            return
        named = self.find(moment.name, tuple(Thing), path)
        if named is not None and moment.event not in EVENTS_OF[named.thing]:
            self._problems.add(
                path,
                f"{_with_article(named.thing)} is never {moment.event!r}",
                f"{named.name!r} can be {one_of(EVENTS_OF[named.thing])}",
            )

    def _check_node(self, moment: Moment, path: Path) -> None:
        """Only nodes freeze and crash."""
        if moment.name in self._nodes:
            return
        hint = did_you_mean(moment.name, self._nodes)
        message = f"only a node is ever {moment.event!r}, and no node is called {moment.name!r}"
        self._problems.add(path, message, hint)


def _with_article(thing: Thing) -> str:
    return f"an {thing}" if thing in {Thing.OPEN, Thing.OBSERVER} else f"a {thing}"
