"""Servers of a node on our stack: what they say, and whom they serve when."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from netlab.testing.stack_agents import Agents, two_agents


async def echoed(agents: Agents, conn: str, text: str = "hello") -> None:
    assert (await agents.connect(conn))["ok"]
    assert (await agents.send(conn, text))["ok"]
    got = await agents.ask("c1", "receive", conn=conn, size=len(text), text=text)
    assert got["ok"], got


def served(agents: Agents) -> list[str]:
    """What happened to whom: their names are their ports' last digits."""
    events = [e for e in agents.told("service") if e["status"] in {"accepted", "served"}]
    return [f"{event['status']} {event['foreign'][-1]}" for event in events]


def test_a_client_is_accepted_served_and_told_of():
    async def story(agents: Agents) -> list[dict[str, Any]]:
        assert await agents.serve() == {"ok": True}
        await echoed(agents, "first")
        await agents.ask("c1", "close", conn="first")
        await asyncio.sleep(1)
        return agents.told("service")

    listening, accepted, gone = two_agents(story)
    assert (listening["status"], listening["local"]) == ("listening", "*:7")
    assert (accepted["status"], accepted["local"]) == ("accepted", "10.0.0.1:7")
    assert gone["status"] == "served"
    assert gone["foreign"] == accepted["foreign"]
    assert (gone["sent"], gone["received"]) == (5, 5)
    assert gone["sent_sha256"] == gone["received_sha256"]
    assert gone["took"] == gone["t"] - accepted["t"]
    assert "errno" not in gone
    assert "pid" not in gone


@pytest.mark.parametrize("model", ["asyncio", "select", "epoll"])
def test_clients_are_served_at_once_while_each_waits_for_a_second(model: str):
    async def story(agents: Agents) -> float:
        await agents.serve(model=model, think=1.0)
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(echoed(agents, f"c{number}") for number in range(5)))
        return asyncio.get_running_loop().time() - began

    assert 1 <= two_agents(story) < 1.1


def test_an_iterative_server_serves_one_client_to_the_end_and_then_the_next():
    async def story(agents: Agents) -> list[str]:
        await agents.serve(model="iterative")
        for port in (1501, 1502):
            assert (await agents.connect(str(port), local_port=port))["ok"]
            await agents.send(str(port), "hello")
        assert await agents.ask("c1", "receive", conn="1501", size=5, text="hello")
        silent = await agents.ask("c1", "receive", conn="1502", nothing=True, within=2.0)
        assert silent["ok"], silent
        await agents.ask("c1", "close", conn="1501")
        assert (await agents.ask("c1", "receive", conn="1502", size=5, text="hello"))["ok"]
        await agents.ask("c1", "close", conn="1502")
        await asyncio.sleep(1)
        return served(agents)

    assert two_agents(story) == ["accepted 1", "served 1", "accepted 2", "served 2"]


def test_a_server_that_reads_slowly_and_closes_late():
    async def story(agents: Agents) -> list[int]:
        reading = {"after": 3.0, "size": 2, "every": 1.0}
        await agents.serve(read=reading, close_after=4.0)
        await echoed(agents, "first")
        await agents.ask("c1", "close", conn="first")
        await asyncio.sleep(20)
        accepted, gone = agents.told("service")[1:]
        return [round((gone["t"] - accepted["t"]) / 1e9)]

    assert two_agents(story) == [3 + 3 * 1 + 4]


def test_a_client_that_resets_ends_its_dialogue_with_why():
    async def story(agents: Agents) -> str:
        await agents.serve(protocol="discard")
        await agents.connect()
        await agents.ask("c1", "reset", conn="first")
        await asyncio.sleep(1)
        (gone,) = agents.told("service", status="served")
        return str(gone["errno"])

    assert two_agents(story) == "ECONNRESET"


def test_what_a_service_over_udp_answers():
    async def story(agents: Agents) -> dict[str, Any]:
        await agents.serve(transport="udp")
        await agents.connect(transport="udp")
        await agents.send("first", "hello")
        await agents.ask("c1", "receive", conn="first")
        return agents.told("op", op="receive")[-1]

    received = two_agents(story)
    assert (received["status"], received["text"]) == ("ok", "hello")
    assert received["from"] == "10.0.0.1:7"


def test_a_super_server_listens_for_all_its_services():
    async def story(agents: Agents) -> list[str]:
        echo = {"protocol": "echo", "address": None, "model": "inetd", "backlog": 16}
        rest = {"think": 0.0, "close_after": 0.0, "options": {}}
        asked = [
            {"service": "echo tcp/7", "transport": "tcp", "port": 7, **echo, **rest},
            {"service": "echo udp/7", "transport": "udp", "port": 7, **echo, **rest},
        ]
        answer = await agents.ask("server", "super-server", services=asked)
        assert answer["ok"], answer
        await echoed(agents, "first")
        return [f"{e['service']} {e['status']}" for e in agents.told("service")]

    assert two_agents(story) == [
        "echo tcp/7 listening",
        "echo udp/7 listening",
        "echo tcp/7 accepted",
    ]


def test_a_port_that_is_taken_is_told_and_answered():
    async def story(agents: Agents) -> tuple[dict[str, Any], dict[str, Any]]:
        await agents.serve()
        return await agents.serve(protocol="discard"), agents.told("service")[-1]

    answer, event = two_agents(story)
    assert (answer["ok"], answer["errno"]) == (False, "EADDRINUSE")
    assert (event["status"], event["errno"]) == ("failed", "EADDRINUSE")
    assert event["error"] == answer["error"]


@pytest.mark.parametrize("model", ["fork", "prefork", "thread", "prethread"])
def test_a_model_of_processes_or_threads_is_refused(model: str):
    async def story(agents: Agents) -> dict[str, Any]:
        return await agents.serve(model=model)

    answer = two_agents(story)
    assert (answer["ok"], answer["errno"]) == (False, "ENOTSUP")
    assert model in answer["error"]
    assert "iterative" in answer["error"]


def urgent(agents: Agents) -> list[dict[str, Any]]:
    return [event for event in agents.told("service") if event["status"] == "urgent"]


def test_a_server_is_told_of_urgent_data_and_an_echo_sends_it_back_as_urgent():
    async def story(agents: Agents) -> tuple[Any, Any]:
        await agents.serve(sigurg=True)
        assert (await agents.connect("first"))["ok"]
        for text in ("abc", "def"):
            await agents.send("first", text, urgent=True)
            assert (await agents.ask("c1", "receive", conn="first", urgent=True))["ok"]
        got = [e["text"] for e in agents.told("op") if e["op"] == "receive"]
        return [event["byte"] for event in urgent(agents)], got

    assert two_agents(story) == (["c", "f"], ["c", "f"])


def test_inline_the_byte_stays_where_it_is():
    async def story(agents: Agents) -> list[Any]:
        await agents.serve(protocol="discard", sigurg=True, options={"urgent_inline": True})
        assert (await agents.connect("first"))["ok"]
        await agents.send("first", "abc", urgent=True)
        await asyncio.sleep(1)
        return [(event.get("byte"), event["inline"]) for event in urgent(agents)]

    assert two_agents(story) == [(None, True)]


def test_urgent_data_that_came_before_its_client_was_accepted_is_told_too():
    async def story(agents: Agents) -> list[Any]:
        await agents.serve(protocol="discard", model="iterative", sigurg=True)
        for name in ("first", "second"):
            assert (await agents.connect(name))["ok"]
        await agents.send("second", "!", urgent=True)
        await asyncio.sleep(1)
        before = urgent(agents)
        await agents.ask("c1", "close", conn="first")
        await asyncio.sleep(1)
        return [before, [event["byte"] for event in urgent(agents)]]

    assert two_agents(story) == [[], ["!"]]
