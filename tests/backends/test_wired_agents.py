from __future__ import annotations

import asyncio
import socket

import pytest

from netlab.agent.channel import HELLO
from netlab.backends.wired.agents import Agents
from netlab.errors import NodeError


def all_there(*sent: bytes) -> None:
    """Agents of nodes n0, n1, … that have ``sent`` this and ended."""
    agents = Agents()
    for number, data in enumerate(sent):
        ours, theirs = socket.socketpair()
        agents.add(f"n{number}", ours)
        theirs.sendall(data)
        theirs.close()
    try:
        asyncio.run(agents.all_there())
    finally:
        agents.close()


def test_an_agent_that_ends_without_a_word_is_named_and_those_that_say_hello_are_not():
    with pytest.raises(NodeError, match="n1: its agent ended before the lab was up"):
        all_there(HELLO, b"", HELLO)


def test_a_node_that_the_lab_has_not():
    async def ask() -> None:
        await Agents().caller("c9", lambda _event: None)

    with pytest.raises(NodeError, match="c9: the lab has no such node"):
        asyncio.run(ask())


def test_two_who_ask_at_once_share_one_conversation():
    async def ask() -> None:
        agents = Agents()
        ours, theirs = socket.socketpair()
        agents.add("c1", ours)
        one, other = await asyncio.gather(
            *(agents.caller("c1", lambda _event: None) for _ in range(2))
        )
        assert one is other
        theirs.close()
        await one.wait_closed()
        agents.close()

    asyncio.run(ask())
