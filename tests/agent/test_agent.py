"""What an agent answers, and whom it lets carry out a request."""

from __future__ import annotations

import asyncio
import errno
from typing import Any

from netlab.agent.agent import Agent

Message = dict[str, Any]


class PlayedProcesses:
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def start(self, name: str) -> Message:
        self.asked.append(f"start {name}")
        return {"pid": 7}

    async def forward(self, name: str, request: Message) -> Message:
        self.asked.append(f"{request['do']} in {name}")
        return {"ok": False, "errno": "EPIPE"}

    async def exit(self, name: str) -> Message:
        self.asked.append(f"exit {name}")
        return {}

    async def kill(self, request: Message) -> Message:
        self.asked.append(f"kill {request['process']}")
        return {}


class PlayedNode:
    """``verbs`` are of a node that has little to say."""

    def __init__(self) -> None:
        self.processes = PlayedProcesses()
        self.verbs = {
            "look": self._look,
            "do": self._do,
            "refuse": self._refuse,
            "break": self._break,
            "exit": self._do,
        }

    async def _look(self, request: Message) -> Message:
        return {"seen": request["at"]}

    async def _do(self, _: Message) -> None:
        self.processes.asked.append("done here")

    async def _refuse(self, _: Message) -> Message:
        raise OSError(errno.ECONNREFUSED, "Connection refused")

    async def _break(self, request: Message) -> Message:
        return {"never": request["said"]}


def ask(*requests: Message) -> tuple[list[Message], list[str]]:
    """The answers of one agent, and what was asked of whom."""
    node = PlayedNode()
    agent = Agent(node)

    async def answers() -> list[Message]:
        return [await agent.answer(request) for request in requests]

    return asyncio.run(answers()), node.processes.asked


def test_an_answer_says_that_it_is_ok_and_what_there_is_to_say():
    assert ask({"do": "look", "at": 1}, {"do": "do"})[0] == [{"ok": True, "seen": 1}, {"ok": True}]


def test_a_failure_is_answered_by_its_name_and_words():
    ((answer,), _) = ask({"do": "refuse"})
    assert answer == {"ok": False, "errno": "ECONNREFUSED", "error": "Connection refused"}


def test_a_mistake_of_the_agents_own_is_answered_with_its_trace():
    ((answer,), _) = ask({"do": "break"})
    assert answer["error"] == "KeyError('said')"
    assert "test_agent.py" in answer["trace"]


def test_a_connection_of_a_process_stays_in_it():
    opened = {"do": "connect", "conn": "first", "process": "browser"}
    answers, asked = ask(
        {"do": "process", "process": "browser"},
        opened,
        {"do": "do", "conn": "first"},
        {"do": "do", "conn": "second", "process": None},
        {"do": "kill", "process": "browser", "signal": "SIGKILL"},
        {"do": "exit", "process": "browser"},
        {"do": "exit"},
    )
    assert asked == [
        "start browser",
        "connect in browser",
        "do in browser",
        "done here",
        "kill browser",
        "exit browser",
        "done here",
    ]
    assert answers[0] == {"ok": True, "pid": 7}
    assert answers[1] == {"ok": False, "errno": "EPIPE"}


def test_an_agent_whose_node_is_another_one_from_some_request_on():
    agent, other = Agent(PlayedNode()), PlayedNode()

    async def story() -> None:
        agent.node = other
        await agent.answer({"do": "do"})

    asyncio.run(story())
    assert other.processes.asked == ["done here"]
