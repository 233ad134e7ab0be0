"""A real lab of a hand-made Plan, for tests of what stands below the scenario."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from netlab.backends.netns.backend import NetnsBackend
from netlab.fabric.configuration import configuration
from netlab.scenario.operations import service_request
from netlab.topology.plan import Plan

_Result = TypeVar("_Result")


class RunningLab:
    """``events`` is what nodes and collector have told so far."""

    def __init__(self, plan: Plan, capture: Path | None) -> None:
        self.plan = plan
        self.capture = capture
        self.backend = NetnsBackend()
        self.events: list[dict[str, Any]] = []

    async def up(self) -> None:
        await self.backend.up(self.plan, self.capture, self.events.append)
        for node in self.plan.nodes:
            for service in node.services:
                answer = await self.backend.call(node.name, **service_request(service, node))
                assert answer["ok"], answer

    async def ask(self, node: str, do: str, **arguments: Any) -> dict[str, Any]:
        return await self.backend.call(node, do, within=10.0, seed=0, **arguments)

    async def run(self, node: str, *argv: str) -> str:
        """What a program says; AssertionError unless its exit code is 0."""
        answer = await self.ask(node, "exec", conn="program", argv=list(argv))
        assert answer["ok"], answer
        assert answer["exit_code"] == 0, answer["output"]
        output: str = answer["output"]
        return output

    async def connect(self, node: str, address: str, port: int, conn: str = "first") -> None:
        answer = await self.ask(
            node,
            "connect",
            conn=conn,
            transport="tcp",
            address=address,
            port=port,
            local_address=None,
            local_port=None,
            process=None,
            options={},
        )
        assert answer["ok"], answer

    async def switch(self, *, up: bool) -> None:
        """All links of the lab."""
        for node in self.plan.nodes:
            for interface in node.interfaces:
                problems = await self.backend.change(
                    node.name,
                    "set-link",
                    interface=interface.name,
                    up=up,
                    configuration=configuration(node).to_json(),
                )
                assert not problems

    def pid_of(self, node: str) -> int:
        """The pid of a node's agent, as this process sees it."""
        wanted = str(self.backend.node_pid(node))
        for pid in children(self.backend.first_pid):
            if pids_within(pid)[1:2] == [wanted]:
                return pid
        raise ProcessLookupError(node)


def children(pid: int) -> list[int]:
    """The child processes of ``pid``; none when it has ended."""
    found = []
    for thread in Path(f"/proc/{pid}/task").glob("[0-9]*"):
        found += (thread / "children").read_text().split()
    return [int(each) for each in found]


def descendants(pid: int) -> list[int]:
    """All processes below ``pid``, parents before their children."""
    found = children(pid)
    for each in found:  # grows as it goes
        found += children(each)
    return found


def pids_within(pid: int) -> list[str]:
    """The pid in every PID namespace that knows the process, outermost first."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line for line in lines if line.startswith("NSpid")).split()[1:]


Story = Callable[[RunningLab], Coroutine[Any, Any, _Result]]


def in_lab(plan: Plan, story: Story[_Result], capture: Path | None = None) -> _Result:
    """Bring the lab up, tell the story, take it down; what the story returns."""

    async def play() -> _Result:
        lab = RunningLab(plan, capture)
        try:
            await lab.up()
            return await story(lab)
        finally:
            await lab.backend.down()

    return asyncio.run(play())
