"""Exact kernel TCP states, where the run may read the kernel's trace events: as root."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from typing import Any

from netlab import bare
from netlab.topology.plan import Plan
from netlab.topology.stacks import Stack

#: Seconds that the tracer may take to begin and to end.
_WITHIN = 5.0

Tell = Callable[[dict[str, Any]], None]


class StateTrace:
    """The tracer of one lab; tells its `state` events. Does nothing for ordinary users."""

    def __init__(self, plan: Plan, tell: Tell) -> None:
        self._nodes = {
            str(address.ip): node.name
            for node in plan.nodes
            if node.stack is Stack.KERNEL
            for interface in node.interfaces
            for address in interface.addresses
        }
        self._tell = tell
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()

    async def start(self) -> None:
        """Start the tracer. That there is none is a notice, not an error: captures tell too."""
        if not self._nodes or os.geteuid() != 0:
            return
        self._process = process = await asyncio.create_subprocess_exec(
            *bare.interpreter("netlab.collect.tracer", 0, 1),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(sorted(self._nodes)).encode() + b"\n")
        self._reading = asyncio.create_task(self._read(process.stdout))

    async def begun(self) -> None:
        """Wait until the trace has begun, or is known not to."""
        if self._process is not None:
            await self._begun.wait()

    async def _read(self, reports: asyncio.StreamReader) -> None:
        first = (await reports.readline()).decode().strip()
        self._begun.set()
        if first != "ready":
            self._tell(
                {
                    "kind": "notice",
                    "text": "TCP states come from captures and sock_diag: the kernel's trace"
                    f" events cannot be read ({first or 'the tracer ended'})",
                }
            )
        async for line in reports:
            event = json.loads(line)
            address = event["local"].rpartition(":")[0].strip("[]")
            self._tell({"node": self._nodes[address], **event})
        if first == "ready" and self._process is not None:
            text = "the kernel's trace events end early: the tracer was lost"
            self._tell({"kind": "notice", "text": text})

    async def stop(self) -> None:
        """End the trace and take in what it still had to tell; harmless without one."""
        process, self._process = self._process, None
        if process is None or self._reading is None:
            return
        assert process.stdin
        process.stdin.close()
        try:
            async with asyncio.timeout(_WITHIN):
                await self._reading
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
