"""Plays a scenario: each step when its time has come, told as `step` events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

from netlab.backends.protocol import Backend, Message
from netlab.collect.eventlog import EventLog
from netlab.scenario.filters import Filters
from netlab.scenario.holds import Holds
from netlab.scenario.injections import Injections
from netlab.scenario.links import Links
from netlab.scenario.moments import moments
from netlab.scenario.networks import Networks
from netlab.scenario.node_steps import NodeSteps
from netlab.scenario.nodes import Nodes
from netlab.scenario.operations import step_request
from netlab.scenario.snapshots import Snapshots
from netlab.topology.plan import Plan
from netlab.topology.steps import (
    AddFault,
    Connect,
    Exec,
    Exit,
    FlapLink,
    ImpairLink,
    Kill,
    Moment,
    NodeLife,
    NodeStep,
    Open,
    Parallel,
    Pause,
    SetFilter,
    SetLink,
    Start,
    Step,
)

#: How much longer than a step's own deadline its agent may take to say that it passed.
_GRACE = 5.0


class Player:
    def __init__(self, plan: Plan, backend: Backend, log: EventLog) -> None:
        self._plan = plan
        self._backend = backend
        self._log = log
        self._numbers = count(1)
        self._snapshots = Snapshots(plan, backend, log)
        self._processes: set[tuple[str, str | None, int]] = set()
        self._failed: set[str] = set()
        self._began = 0.0
        self._later: list[asyncio.Task[None]] = []
        networks = Networks(plan, backend)
        self._links = Links(plan, backend, networks, log, self._later, elapsed=self._elapsed)
        self._holds = Holds(plan, backend, log)
        self._filters = Filters(plan, backend, log, self._later)
        self._nodes = Nodes(plan, backend, log, networks)
        self._performers: dict[type[Step], Callable[[Any], Awaitable[Message]]] = {
            Pause: self._pause,
            SetLink: self._links.set,
            FlapLink: self._links.flap,
            ImpairLink: self._links.impair,
            AddFault: self._links.add_faults,
            SetFilter: self._filters.set,
            Connect: self._open_socket,
            Open: self._open_socket,
            Exec: self._call,
            Exit: self._call,
            Kill: self._call,
            **Injections(plan, backend, log).performers,
            **NodeSteps(self._nodes, networks, log, self._later).performers,
        }

    async def play(self) -> None:
        """Play all steps, and what they set off for later, to the end."""
        self._began = asyncio.get_running_loop().time()
        await self._holds.begin()
        try:
            await self._sequence(self._plan.steps)
            await asyncio.gather(*self._later)
        finally:
            self._holds.end()
            for task in self._later:
                task.cancel()

    def _elapsed(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    async def _sequence(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            if isinstance(step, Parallel):
                await self._side_by_side(step)
            else:
                await self._step(step)

    async def _side_by_side(self, step: Parallel) -> None:
        if not await self._is_due(next(self._numbers), step):
            return
        try:
            async with asyncio.TaskGroup() as group:
                for branch in step.branches:
                    group.create_task(self._sequence(branch))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _step(self, step: Step) -> None:
        number = next(self._numbers)
        if not await self._is_due(number, step):
            return
        name = getattr(step, "name", None)
        if name in self._failed:
            self._tell(number, step, "skipped", error=f"{name} failed before")
            return
        self._tell(number, step, "started")
        answer = await self._perform(step)
        if answer.get("ok", True):
            self._tell(number, step, "done")
            await self._snapshots.take(self._moments_of(step))
        else:
            if name and isinstance(step, Connect | Open | Start):
                self._failed.add(name)
            errno = answer.get("errno") or None
            self._tell(number, step, "failed", error=answer.get("error"), errno=errno)
            await self._snapshots.take((Moment(name, "failed"),) if name else ())

    def _moments_of(self, step: Step) -> tuple[Moment, ...]:
        """The moments of the last event about what ``step`` has just done."""
        name = getattr(step, "name", None)
        for event in reversed(self._log.events):
            if isinstance(step, NodeLife):
                is_about = event.kind == "node" and event.node == step.node
            else:
                is_about = name is not None and event.conn == name
            if is_about and (reached := moments(event)):
                return reached
        return ()

    async def _is_due(self, number: int, step: Step) -> bool:
        """Wait until the step is due; False, and told, when it never will be."""
        try:
            await self._until_due(step)
        except TimeoutError:
            self._tell(number, step, "skipped", error=f"{step.timing.after} never happened")
            return False
        return True

    async def _until_due(self, step: Step) -> None:
        """Wait for the step's moment and time; TimeoutError when the moment does not come."""
        timing = step.timing
        if moment := timing.after:
            await self._log.wait_for(lambda event: moment in moments(event), timing.within)
        if timing.at is not None:
            await asyncio.sleep(max(0.0, timing.at - self._elapsed()))
        if timing.wait:
            await asyncio.sleep(timing.wait)

    def _tell(self, number: int, step: Step, status: str, **fields: str | None) -> None:
        said = {key: value for key, value in fields.items() if value is not None}
        self._log.tell(
            {
                "kind": "step",
                "step": number,
                "text": step.text,
                "where": Path(step.where).name,  # events are the same wherever the file is
                "status": status,
                **said,
            }
            | ({"node": step.node} if isinstance(step, NodeStep) else {})
            | ({"conn": name} if (name := getattr(step, "name", None)) else {})
        )

    async def _perform(self, step: Step) -> Message:
        perform = self._performers.get(type(step), self._call)
        # A pause asks nobody: it takes as long as it says.
        limit = None if isinstance(step, Pause) else step.timing.within + _GRACE
        try:
            async with asyncio.timeout(limit):
                return await perform(step)
        except TimeoutError:
            frozen = isinstance(step, NodeStep) and step.node in self._nodes.frozen
            why = ": the node is frozen" if frozen else ""
            return {"ok": False, "error": f"no answer within {step.timing.within:g} s{why}"}

    async def _call(self, step: NodeStep) -> Message:
        return await self._backend.call(step.node, **step_request(step, self._plan))

    async def _open_socket(self, step: Connect | Open) -> Message:
        process = (step.node, step.process, self._nodes.starts(step.node))
        if step.process and process not in self._processes:
            await self._backend.call(step.node, "process", process=step.process)
            self._processes.add(process)
        return await self._call(step)

    @property
    def silent(self) -> frozenset[str]:
        """The nodes that answer nothing: they are frozen or have crashed."""
        return frozenset(self._nodes.frozen | self._nodes.crashed)

    async def end_programs(self) -> None:
        """End what the scenario has started and what still runs, and say so."""
        nodes = {event.node for event in self._log.events if event.kind == "process"}
        for node in sorted(filter(None, nodes - self.silent)):
            answer = await self._backend.call(node, "end-programs")
            for name in answer.get("ended", ()):
                text = f"{name} on {node} still ran at the end of the scenario, and was ended"
                self._log.tell({"kind": "notice", "text": text})

    async def _pause(self, step: Pause) -> Message:
        await asyncio.sleep(step.duration)
        return {}
