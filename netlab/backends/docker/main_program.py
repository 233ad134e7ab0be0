"""The main program of a node's container: what it prints, how it ends, when it is ready."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from netlab.agent.output import Printed
from netlab.agent.readiness import Ask, has_said, last_words, missing, until
from netlab.backends.docker.engine import Engine
from netlab.backends.docker.streams import Connection, pieces
from netlab.errors import LabError, NodeError
from netlab.topology.equipment import Readiness
from netlab.topology.program import Probe

#: Seconds that the rest of what an ended program has printed may take to arrive.
_REST_WITHIN = 1.0

#: Characters of what a probe's command printed last.
_MOST_ANSWER = 200

#: Whether a socket of a node waits for clients: the node, transport and port.
Waits = Callable[[str, str, int], Awaitable[bool]]


class MainProgram:
    """One that runs from its container's start on; made inside a running event loop.

    ``printed`` is attached to the container, ``ending`` will say how that ended.
    """

    def __init__(
        self, node: str, container: str, printed: Connection, ending: asyncio.Future[str]
    ) -> None:
        self.output = ContainerOutput(printed)
        self._node = node
        self._container = container
        self._ending = ending

    @property
    def runs(self) -> bool:
        return not self._ending.done()

    def how_it_ended(self) -> str:
        return self._ending.result()

    async def end_within(self, seconds: float) -> bool:
        return bool((await asyncio.wait([self._ending], timeout=seconds))[0])

    async def last_words(self) -> str:
        """Of one that has ended."""
        await self.output.finish()
        return last_words(self)

    async def until_ready(self, readiness: Readiness, engine: Engine, waits: Waits) -> None:
        """Wait until the probe comes true; NodeError, with its last words, if it does not."""
        probe = readiness.probe
        command = _Command(engine, self._container, self._node, probe.command or ())
        try:
            await until(
                self,
                self._asking(probe, command, waits),
                lambda: missing(probe.question()) + command.answer,
                within=readiness.within,
            )
        except OSError as error:
            raise NodeError(str(error.strerror), where=self._node) from None
        finally:
            command.close()

    def _asking(self, probe: Probe, command: _Command, waits: Waits) -> Ask:
        if (port := probe.port) is not None:
            return lambda _left: waits(self._node, *port)
        return command.succeeds if probe.log is None else has_said(self, probe.log)


class ContainerOutput(Printed):
    """Read in a thread of its own, for the connection blocks."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        threading.Thread(target=self._read, daemon=True).start()

    async def finish(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REST_WITHIN):
                await self._ended.wait()

    def close(self) -> None:
        """Hear nothing more; the program goes on."""
        self._connection.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # it was closed, here or by the engine
            for _, data in pieces(self._connection):
                self._say(self.keep, data)
        self._say(self._ended.set)

    def _say(self, what: Callable[..., None], *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(what, *arguments)


class _Command:
    """A probe's program, run by the engine in the node; ``answer`` is what it last came to."""

    def __init__(self, engine: Engine, container: str, node: str, argv: Sequence[str]) -> None:
        self._run = lambda: engine.run_in(container, node, argv, environment={}, folder="")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="probe")
        self.answer = ""

    async def succeeds(self, left: float) -> bool:
        running = asyncio.get_running_loop().run_in_executor(self._thread, self._run)
        try:
            async with asyncio.timeout(left):
                code, printed = await running
        except TimeoutError:
            return False
        except LabError as error:
            self.answer = f" ({error.message})"
            return False
        last = printed.strip().rpartition("\n")[2][-_MOST_ANSWER:]
        self.answer = f" (exit code {code}{f': {last}' if last else ''})"
        return code == 0

    def close(self) -> None:
        self._thread.shutdown(wait=False)
