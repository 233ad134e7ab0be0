"""Processes of a node on our stack: what becomes of the sockets of one that ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from netlab.testing.stack_agents import Agents, two_agents


async def connected_in(agents: Agents, process: str, conn: str = "first") -> None:
    if not agents.told("process", process=process, status="started"):
        assert await agents.ask("c1", "process", process=process) == {"ok": True}
    answer = await agents.connect(conn, process=process)
    assert answer["ok"], answer


def test_a_process_holds_the_sockets_that_are_opened_in_it():
    async def story(agents: Agents) -> list[str | None]:
        await agents.serve()
        await connected_in(agents, "browser")
        await agents.connect("other")
        assert (await agents.send("first", "hello"))["ok"]
        assert (await agents.ask("c1", "receive", conn="first", size=5, text="hello"))["ok"]
        answer = await agents.ask("c1", "sockets")
        return [row["program"] for row in answer["sockets"]]

    assert two_agents(story) == ["browser", None]


def test_exit_closes_its_connections_in_an_orderly_way():
    async def story(agents: Agents) -> tuple[dict[str, Any], list[str]]:
        await agents.serve()
        await connected_in(agents, "browser")
        answer = await agents.ask("c1", "exit", process="browser")
        await asyncio.sleep(1)
        return answer, agents.states("c1")

    answer, states = two_agents(story)
    assert answer == {"ok": True, "exit_code": 0, "signal": None}
    assert states[-3:] == ["FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT"]


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_one_that_is_killed_leaves_unread_data_and_resets(name: str):
    async def story(agents: Agents) -> tuple[list[dict[str, Any]], list[str]]:
        await agents.serve(protocol="daytime")
        await connected_in(agents, "browser")
        await asyncio.sleep(1)
        answer = await agents.ask("c1", "kill", process="browser", signal=name)
        assert answer == {"ok": True, "exit_code": None, "signal": name}
        await asyncio.sleep(1)
        return agents.told("process"), [e["cause"] for e in agents.told("state", node="c1")]

    (started, exited), causes = two_agents(story)
    assert (started["process"], started["status"]) == ("browser", "started")
    assert (exited["status"], exited["exit_code"], exited["signal"]) == ("exited", None, name)
    assert causes[-1] == "abort"


def test_who_waits_in_it_hears_that_it_has_ended_and_no_operation_is_told():
    async def story(agents: Agents) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        await agents.serve()
        await connected_in(agents, "browser")
        waiting = asyncio.ensure_future(agents.ask("c1", "receive", conn="first", size=1))
        await asyncio.sleep(1)
        await agents.ask("c1", "kill", process="browser", signal="SIGKILL")
        return await waiting, agents.told("op", op="receive")

    answer, told = two_agents(story)
    assert (answer["errno"], answer["error"]) == ("ESRCH", "process browser has ended")
    assert told == []


def test_a_connection_of_one_that_has_ended_and_one_that_never_was():
    async def story(agents: Agents) -> list[str]:
        await agents.serve()
        await connected_in(agents, "browser")
        await agents.ask("c1", "exit", process="browser")
        asked = [
            await agents.ask("c1", "close", conn="first"),
            await agents.ask("c1", "exit", process="browser"),
            await agents.ask("c1", "kill", process="nobody", signal="SIGKILL"),
        ]
        return [f"{each['errno']}: {each['error']}" for each in asked]

    assert two_agents(story) == [
        "ESRCH: no process browser is running",
        "ESRCH: no process browser is running",
        "ESRCH: no process nobody is running",
    ]


def test_what_is_asked_of_one_process_is_nothing_to_another():
    async def story(agents: Agents) -> bool:
        await agents.serve()
        await connected_in(agents, "one")
        await connected_in(agents, "other", "second")
        await agents.ask("c1", "exit", process="one")
        await agents.send("second", "hello")
        answer = await agents.ask("c1", "receive", conn="second", size=5, text="hello")
        return bool(answer["ok"])

    assert two_agents(story)


def test_signals_that_stop_are_refused_and_harmless_ones_do_nothing():
    async def story(agents: Agents) -> tuple[dict[str, Any], dict[str, Any]]:
        await agents.ask("c1", "process", process="browser")
        stop = await agents.ask("c1", "kill", process="browser", signal="SIGSTOP")
        return stop, await agents.ask("c1", "kill", process="browser", signal="SIGWINCH")

    stop, harmless = two_agents(story)
    assert "freeze its node" in stop["error"]
    assert harmless == {"ok": True}
