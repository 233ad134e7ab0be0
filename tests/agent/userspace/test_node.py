"""A node on our stack: what its agent tells without being asked, and what it refuses."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from netlab.testing.stack_agents import Agents, two_agents
from netlab.topology.impairment import Impairment, Profile
from netlab.wire.address import from_text

_SLOW = Impairment(forward=Profile(delay=0.05), backward=Profile(delay=0.05))


async def transferred(agents: Agents, size: int = 200_000) -> None:
    await agents.serve(protocol="discard")
    await agents.connect()
    await agents.ask("c1", "transfer", conn="first", payload_text=None, payload_size=size)


def test_every_state_is_told_with_its_time_and_cause():
    async def story(agents: Agents) -> list[dict[str, Any]]:
        await agents.serve()
        await agents.connect(local_port=1500)
        return agents.told("state", node="c1")

    first, second = two_agents(story, impairment=_SLOW)
    rest = {"node": "c1", "kind": "state", "transport": "tcp", "source": "stack"}
    ends = {"local": "10.0.0.2:1500", "foreign": "10.0.0.1:7"}
    assert first.pop("t") + 100_000_000 < second.pop("t")
    assert first == {**rest, **ends, "old": "CLOSED", "new": "SYN_SENT", "cause": "active open"}
    assert second["old"] == "SYN_SENT"
    assert second["cause"] == "SYN and ACK of SYN"


def test_states_come_before_the_operations_that_they_make_possible():
    async def story(agents: Agents) -> list[str]:
        await agents.serve()
        await agents.connect()
        return [f"{e['kind']} {e.get('new', e.get('op'))}" for e in agents.events
                if e["node"] == "c1"]  # fmt: skip

    assert two_agents(story) == ["state SYN_SENT", "state ESTABLISHED", "op connect"]


def test_connections_are_sampled_as_often_as_is_asked_while_there_are_some():
    async def story(agents: Agents) -> list[dict[str, Any]]:
        await transferred(agents)
        await agents.ask("c1", "close", conn="first")
        await asyncio.sleep(200)
        before = len(agents.events)
        await asyncio.sleep(100)
        assert len(agents.events) == before
        return agents.told("tcpinfo", node="c1")

    samples = two_agents(story, impairment=_SLOW, tcp_info=0.01)
    first = next(each for each in samples if each["srtt"] is not None)
    assert (first["local"].split(":")[0], first["foreign"]) == ("10.0.0.2", "10.0.0.1:7")
    assert {each["phase"] for each in samples} == {"open"}
    assert [first["cwnd"], first["mss"], first["ssthresh"]] == [10, 1448, None]
    assert max(each["cwnd"] for each in samples) > 20
    assert max(each["unacked"] for each in samples) > 5
    assert first["srtt"] >= 100_000_000
    times = [each["t"] for each in samples]
    assert min(after - before for before, after in pairwise(times)) >= 10_000_000


def test_a_loss_is_sampled_as_one():
    async def story(agents: Agents) -> list[dict[str, Any]]:
        await transferred(agents)
        return agents.told("tcpinfo", node="c1")

    lossy = Impairment(forward=Profile(delay=0.05, loss=0.05), backward=Profile(delay=0.05))
    samples = two_agents(story, impairment=lossy, tcp_info=0.01)
    assert "recovery" in {each["phase"] for each in samples}
    assert samples[-1]["total_retrans"] > 0
    assert [each["total_retrans"] for each in samples] == sorted(
        each["total_retrans"] for each in samples
    )
    assert all(each["ssthresh"] is None or each["ssthresh"] >= 2 for each in samples)
    assert any(each["sacked"] for each in samples)


def test_variables_of_every_connection_of_a_node_that_is_to_tell_them():
    async def story(agents: Agents) -> list[set[str]]:
        await transferred(agents, 5000)
        return [{e["local"][-2:] for e in agents.told("variables", node=node)}
                for node in ("c1", "server")]  # fmt: skip

    client, server = two_agents(story, variables=True)
    assert len(client) == 1
    assert server == {":7"}


def test_without_being_asked_for_there_are_no_samples_and_no_variables():
    async def story(agents: Agents) -> None:
        await transferred(agents)
        assert agents.told("tcpinfo") == agents.told("variables") == []

    two_agents(story)


def test_the_socket_table_has_listeners_connections_and_what_waits_for_datagrams():
    async def story(agents: Agents) -> tuple[dict[str, Any], dict[str, Any]]:
        await agents.serve()
        await agents.serve(transport="udp")
        await agents.connect(local_port=1500)
        await agents.connect("second", transport="udp", local_port=1600)
        await asyncio.sleep(1)
        return await agents.ask("server", "sockets"), await agents.ask("c1", "sockets")

    server, client = two_agents(story)
    assert [[row[key] for key in ("transport", "local", "foreign", "state")]
            for row in server["sockets"]] == [
        ["tcp", "*:7", "*:*", "LISTEN"],
        ["tcp", "10.0.0.1:7", "10.0.0.2:1500", "ESTABLISHED"],
        ["udp", "*:7", "*:*", "UNCONNECTED"],
    ]  # fmt: skip
    row, udp = client["sockets"]
    assert (udp["local"], udp["foreign"]) == ("10.0.0.2:1600", "10.0.0.1:7")
    assert (udp["transport"], udp["state"]) == ("udp", "ESTABLISHED")
    assert row["local"] == "10.0.0.2:1500"
    assert (row["pid"], row["program"]) == (None, None)


@pytest.mark.parametrize("do", ["exec", "start", "run-service"])
def test_programs_are_refused_in_words(do: str):
    async def story(agents: Agents) -> dict[str, Any]:
        return await agents.ask("c1", do, conn="program", argv=["true"])

    answer = two_agents(story)
    assert answer["ok"] is False
    assert f"{do} needs a node on the kernel's stack" in answer["error"]


def test_there_are_no_programs_to_end():
    async def story(agents: Agents) -> dict[str, Any]:
        return await agents.ask("c1", "end-programs")

    assert two_agents(story) == {"ok": True}


def test_a_node_that_keeps_quiet_opens_connections_later():
    async def story(agents: Agents) -> int:
        await agents.serve()
        await agents.ask("c1", "keep-quiet", seconds=2)
        answer = await agents.connect()
        assert answer["ok"], answer
        opened, established = agents.told("state", node="c1")
        return int(established["t"] - opened["t"])

    assert 2_000_000_000 <= two_agents(story) < 2_100_000_000


def test_what_a_change_makes_the_stack_say_is_said_at_once():
    async def story(agents: Agents) -> list[bytes]:
        sent: list[bytes] = []
        agents.network.links.exits["c1"]["eth0"] = sent.append
        assert await agents.change("c1", "add-address", address="fd99::9/64", up=True) == []
        await asyncio.sleep(0.001)
        return sent

    (report,) = two_agents(story)  # of the group of neighbours that ask for it (RFC 4291, 2.7.1)
    assert from_text("ff02::1:ff00:9") in report
