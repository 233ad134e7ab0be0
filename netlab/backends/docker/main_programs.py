"""The main programs of a lab's nodes that are not netlab's agent, until all of them are ready."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from netlab.backends.docker.engine import Engine, Started
from netlab.backends.docker.main_program import MainProgram, Waits
from netlab.topology.plan import Node


class MainPrograms:
    """Containers are known by the engine's ids: a node that starts again has another."""

    def __init__(self) -> None:
        self._endings: dict[str, asyncio.Future[str]] = {}  # of containers: how they ended
        self._programs: dict[str, MainProgram] = {}  # of nodes that are not ready yet

    def ended(self, container: str, how: str) -> None:
        if not self._ending(container).done():
            self._ending(container).set_result(how)

    def started(self, node: str, started: Started) -> None:
        if started.printed is not None:
            container = started.container
            self._programs[node] = MainProgram(
                node, container, started.printed, self._ending(container)
            )

    async def early_end(self, node: str, container: str, within: float) -> str:
        """How a container ended that ran no longer; the engine tells of it ``within`` s."""
        ending = self._ending(container)
        await asyncio.wait([ending], timeout=within)
        how = f"its container {ending.result() if ending.done() else 'has ended'}"
        program = self._programs.get(node)
        return how + (await program.last_words() if program else "")

    async def until_ready(self, nodes: Sequence[Node], engine: Engine, waits: Waits) -> None:
        """Wait for all at once, and hear them no more; the NodeError of the first that fails."""
        try:
            async with asyncio.TaskGroup() as waiting:
                for node in nodes:
                    if program := self._programs.pop(node.name, None):
                        waiting.create_task(_until_ready(program, node, engine, waits))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    def close(self) -> None:
        """Hear none of them any more."""
        while self._programs:
            self._programs.popitem()[1].output.close()

    def _ending(self, container: str) -> asyncio.Future[str]:
        return self._endings.setdefault(container, asyncio.get_running_loop().create_future())


async def _until_ready(program: MainProgram, node: Node, engine: Engine, waits: Waits) -> None:
    try:
        if node.ready:
            await program.until_ready(node.ready, engine, waits)
    finally:
        program.output.close()
