"""What every backend offers: a lab's nodes, brought up, spoken to, observed, and taken down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from netlab.collect.counts import InterfaceCount
from netlab.topology.plan import Plan

Message = dict[str, Any]

#: Receives what nodes and collector tell: the fields of an event, ``t`` in ns since 1970.
Listener = Callable[[Message], None]


class Backend(Protocol):
    """One lab on one backend. All waits have deadlines; errors are LabError or EnvironmentLacks."""

    @property
    def name(self) -> str: ...

    @property
    def supports(self) -> frozenset[str]:
        """The keys of `needs.KEYS` that it can give to nodes."""
        ...

    @property
    def is_virtual(self) -> bool:
        """Whether its time passes as nodes need it, and there is no kernel in them."""
        ...

    def runner(self) -> AbstractContextManager[asyncio.Runner]:
        """What runs all that is to do with the lab; meanwhile `netlab.clock` is the lab's."""
        ...

    def entry(self, node: str) -> Message:
        """How a node is entered from outside, as the backend's own ``inside.run`` wants it told."""
        ...

    def warm(self) -> None:
        """Begin what can begin before the Plan is known; errors show in `up`."""

    def log(self) -> str:
        """What the lab's own processes have printed; nothing, if all is well."""
        ...

    async def up(self, plan: Plan, capture: Path | None, listener: Listener) -> None:
        """Build the lab: at the end every node is ready, every service not yet started.

        Packets go to the pcapng file ``capture`` from before the links come up.
        """

    async def call(self, node: str, do: str, **arguments: Any) -> Message:
        """Ask a node's agent; its answer has ``ok``, and ``errno`` and ``error`` if not."""
        ...

    async def change(self, node: str, what: str, **arguments: Any) -> list[str]:
        """Change a node's network from outside its processes; what failed, in words.

        See netlab.fabric.changes.
        """
        ...

    async def freeze(self, node: str) -> None:
        """Stop all processes of a node."""

    async def thaw(self, node: str) -> None:
        """Let all processes of a node go on."""

    async def crash(self, node: str, interfaces: Sequence[str]) -> bool:
        """End a node at once: ``interfaces`` go down first, so that nothing is said to its peers.

        Its links stay. False when the kernel cannot make it forget its connections.
        """
        ...

    async def restart(self, node: str) -> None:
        """Start a node that has crashed; its links are still down."""

    async def until_ready(self, nodes: Sequence[str]) -> None:
        """Wait until the main programs of ``nodes`` are ready, with their links; NodeError if not.

        `up` has done so; it is for those that were started again.
        """

    async def impair(self, do: str, **arguments: Any) -> Message:
        """Ask the engines of impaired links; LabError when they cannot.

        ``change`` (name, way, profile), ``fault`` (name, fault), ``release`` (moment), ``begin``
        (t) and ``counts``, as netlab.fabric.emulator.process has them.
        """
        ...

    async def sockets(self, node: str) -> Message:
        """The node's socket table: ``t`` and ``sockets``."""
        ...

    async def flush(self) -> Sequence[InterfaceCount]:
        """Bring the capture file up to date; what each capture saw and lost.

        EnvironmentLacks when the file cannot be written any more.
        """
        ...

    async def idle(self) -> float:
        """Seconds since the last packet."""
        ...

    async def ended(self) -> None:
        """Returns when the lab has ended by itself, as when its processes were killed.

        LabError when nothing that is asked of it would ever say so.
        """

    async def down(self) -> None:
        """Take everything down; harmless when there is nothing."""

    def kill(self) -> None:
        """End everything at once; harmless when nothing is left."""
