"""Real labs that lose a process."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from netlab.errors import LabError, NodeError
from netlab.testing import plans
from netlab.testing.labs import RunningLab, children, in_lab, pids_within

pytestmark = pytest.mark.lab


async def told_of_loss(lab: RunningLab) -> dict[str, object]:
    async with asyncio.timeout(10):
        while True:
            for event in lab.events:
                if event.get("status") == "lost":
                    return event
            await asyncio.sleep(0.005)


def test_an_agent_that_is_killed():
    async def story(lab: RunningLab) -> None:
        os.kill(lab.pid_of("c1"), signal.SIGKILL)
        with pytest.raises(NodeError, match="c1: its agent was killed by SIGKILL") as raised:
            await lab.run("c1", "true")
        assert raised.value.where == "c1"
        event = await told_of_loss(lab)
        assert (event["node"], event["reason"]) == ("c1", "its agent was killed by SIGKILL")
        await lab.run("server", "true")

    in_lab(plans.two_hosts(), story)


def test_an_agent_that_dies_while_it_is_asked():
    async def story(lab: RunningLab) -> None:
        waiting = asyncio.create_task(lab.run("c1", "sleep", "30"))
        await lab.run("server", "true")
        os.kill(lab.pid_of("c1"), signal.SIGKILL)
        with pytest.raises(NodeError, match="c1: its agent was killed by SIGKILL"):
            await waiting

    in_lab(plans.two_hosts(), story)


def test_an_agent_that_exits():
    async def story(lab: RunningLab) -> None:
        with pytest.raises(NodeError, match="c1: its agent exited with 0"):
            await lab.ask("c1", "exit")

    in_lab(plans.two_hosts(), story)


def test_a_collector_that_is_killed():
    async def story(lab: RunningLab) -> None:
        first = lab.backend.first_pid
        [collector] = [pid for pid in children(first) if len(pids_within(pid)) == 2]
        os.kill(collector, signal.SIGKILL)
        with pytest.raises(LabError, match=r"^the collector was killed by SIGKILL$"):
            await lab.backend.flush()
        await lab.run("c1", "ping", "-c1", "-W2", "10.0.0.1")

    in_lab(plans.two_hosts(), story)


def test_a_lab_that_is_killed_ends():
    async def story(lab: RunningLab) -> None:
        os.kill(lab.backend.first_pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            await lab.backend.ended()
        with pytest.raises(NodeError, match="its agent ended, and so did the lab's holder"):
            await lab.run("c1", "true")

    in_lab(plans.two_hosts(), story)


def test_taking_down_what_is_down_already():
    async def story(lab: RunningLab) -> None:
        await lab.backend.down()
        with pytest.raises(LabError):
            await lab.run("c1", "true")

    in_lab(plans.two_hosts(), story)


def test_a_backend_that_was_never_up():
    async def play() -> None:
        lab = RunningLab(plans.two_hosts(), None)
        lab.backend.kill()
        await lab.backend.down()
        with pytest.raises(LabError, match="the lab is not up"):
            await lab.backend.flush()

    asyncio.run(play())
