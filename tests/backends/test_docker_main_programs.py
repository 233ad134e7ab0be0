"""Main programs that are waited for, in containers that are played by the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest

from netlab.backends.docker.engine import Engine, Started
from netlab.backends.docker.main_program import Waits
from netlab.backends.docker.main_programs import MainPrograms
from netlab.errors import NodeError
from netlab.testing.container import ERRORS, PlayedContainer
from netlab.testing.plans import two_hosts
from netlab.topology.equipment import Readiness
from netlab.topology.plan import Node
from netlab.topology.program import Probe

C1, SERVER = two_hosts().nodes
PORT = Probe(port=("tcp", 80))
COMMAND = Probe(command=("test", "-f", "/up"))


class Programs:
    """An engine's API that runs programs: these are their exit codes and what they print."""

    def __init__(self, *outcomes: tuple[int, bytes]) -> None:
        self._outcomes = list(outcomes)
        self.asked: list[tuple[str, list[str]]] = []
        self.may_end = threading.Event()
        self.may_end.set()

    def exec_create(self, container: str, argv: list[str], **_how: object) -> dict[str, str]:
        self.asked.append((container, argv))
        return {"Id": "execution"}

    def exec_start(self, _execution: str) -> bytes:
        assert self.may_end.wait(20)
        return self._outcomes[0][1]

    def exec_inspect(self, _execution: str) -> dict[str, int]:
        code = self._outcomes[0][0]
        self._outcomes = self._outcomes[1:] or self._outcomes
        return {"ExitCode": code}


class Stage:
    """Two nodes whose containers have the ids 1 and 2."""

    def __init__(self) -> None:
        self.api = Programs((0, b""))
        self.programs = MainPrograms()
        self.c1, self.server = PlayedContainer(), PlayedContainer()
        self.programs.started("c1", Started("1", 11, self.c1.connection))
        self.programs.started("server", Started("2", 12, self.server.connection))

    async def wait(self, *nodes: Node, waits: Waits | None = None) -> None:
        engine = Engine(SimpleNamespace(api=self.api))
        await self.programs.until_ready(nodes, engine, waits or nothing_waits)

    def end(self) -> None:
        self.programs.close()
        self.c1.end()
        self.server.end()


async def nothing_waits(_node: str, _transport: str, _port: int) -> bool:
    return False


def play(story: Callable[[Stage], Awaitable[None]]) -> None:
    async def told() -> None:
        stage = Stage()
        try:
            async with asyncio.timeout(20):
                await story(stage)
        finally:
            stage.end()

    asyncio.run(told())


def probed(node: Node, probe: Probe, within: float = 10.0) -> Node:
    return replace(node, ready=Readiness(probe=probe, within=within))


def test_one_that_is_to_print_something_is_heard_from_its_start_on_and_no_more_when_it_is_ready():
    async def story(stage: Stage) -> None:
        stage.server.print(b"starting\nlisten")
        stage.server.print(b"ing on 80\n", ERRORS)

        await stage.wait(probed(SERVER, Probe(log="^listening on [0-9]+$")))

        assert stage.server.streams.recv(1) == b""

    play(story)


def test_a_port_is_asked_for_until_a_socket_waits_there():
    async def story(stage: Stage) -> None:
        asked = []

        async def waits(node: str, transport: str, port: int) -> bool:
            asked.append((node, transport, port))
            return len(asked) == 3

        await stage.wait(probed(SERVER, PORT), waits=waits)

        assert asked == [("server", "tcp", 80)] * 3

    play(story)


def test_a_command_is_run_in_its_container_until_it_succeeds():
    async def story(stage: Stage) -> None:
        stage.api = Programs((1, b""), (1, b""), (0, b""))

        await stage.wait(probed(SERVER, COMMAND))

        assert stage.api.asked == [("2", ["test", "-f", "/up"])] * 3

    play(story)


def test_nodes_are_waited_for_at_once():
    async def story(stage: Stage) -> None:
        asked = set()

        async def waits(node: str, _transport: str, _port: int) -> bool:
            asked.add(node)
            return len(asked) == 2

        await stage.wait(probed(C1, PORT), probed(SERVER, PORT), waits=waits)

        assert asked == {"c1", "server"}

    play(story)


def test_one_without_a_probe_is_ready():
    async def story(stage: Stage) -> None:
        await stage.wait(C1, SERVER)

        assert stage.api.asked == []

    play(story)


def test_one_that_ends_is_told_with_its_last_words_and_the_others_are_waited_for_no_more():
    async def story(stage: Stage) -> None:
        waiting = asyncio.create_task(stage.wait(probed(C1, PORT), probed(SERVER, PORT)))
        await asyncio.sleep(0)
        stage.server.print(b"no such file\n")
        stage.server.end()
        stage.programs.ended("2", "exited with 3")

        with pytest.raises(NodeError) as caught:
            await waiting

        said = "server: it exited with 3 before it was ready; it last said: no such file"
        assert str(caught.value) == said

    play(story)


def test_that_a_former_container_of_the_node_ends_is_nothing_to_the_new_one():
    async def story(stage: Stage) -> None:
        stage.programs.ended("0", "exited with 137")
        stage.server.print(b"up\n")

        await stage.wait(probed(SERVER, Probe(log="up")))

    play(story)


@pytest.mark.parametrize(
    ("probe", "unmet"),
    [
        (PORT, "nothing listens on tcp/80"),
        (Probe(log="up"), "its output has no 'up'"),
        (COMMAND, "'test -f /up' does not succeed (exit code 2: b: not found)"),
    ],
    ids=["port", "log", "command"],
)
def test_the_deadline(probe: Probe, unmet: str):
    async def story(stage: Stage) -> None:
        stage.api = Programs((2, b"a\nb: not found\n"))
        stage.server.print(b"1\n2\n3\n4\n")

        with pytest.raises(NodeError) as caught:
            await stage.wait(probed(SERVER, probe, within=0.05))

        said = f"it is not ready within 0.05 s: {unmet}; it last said: 2 / 3 / 4"
        assert (caught.value.where, caught.value.message) == ("server", said)

    play(story)


def test_a_command_that_does_not_end_has_a_deadline_too():
    async def story(stage: Stage) -> None:
        stage.api.may_end.clear()
        try:
            with pytest.raises(NodeError, match=r"'test -f /up' does not succeed; it said nothing"):
                await stage.wait(probed(SERVER, COMMAND, within=0.05))
        finally:
            stage.api.may_end.set()

    play(story)


def test_one_that_ended_before_there_were_links_is_told_with_its_last_words():
    async def story(stage: Stage) -> None:
        stage.server.print(b"no such file\n")
        stage.server.end()
        telling = asyncio.create_task(stage.programs.early_end("server", "2", within=10))
        await asyncio.sleep(0)
        stage.programs.ended("2", "exited with 3")

        said = "its container exited with 3; it last said: no such file"
        assert await telling == said

    play(story)
