"""A backend of hosts in virtual time, with agents that a test has made."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from netlab import clock
from netlab.agent.channel import Message
from netlab.backends.sim.backend import SimBackend
from netlab.backends.sim.clock import EPOCH
from netlab.errors import EnvironmentLacks, LabError, NodeError, UsageError
from netlab.fabric.configuration import configuration
from netlab.stack.api.programs import Programs, StackEvent
from netlab.stack.api.stream import StackStream
from netlab.stack.events import Transition
from netlab.stack.units import SECOND
from netlab.topology.loading import load_text
from netlab.topology.plan import Node, Plan
from netlab.wire import pcapng

A_LAB = """
name: a-lab
seed: 3
nodes: {c1: {role: client}, r1: {role: router}, server: {role: server}}
links:
  - c1 -- r1
  - {ends: [r1, server], impair: {delay: 10ms}}
"""


class Inhabitant:
    """Echoes at port 7, connects, says something and ticks; tells which states there are."""

    def __init__(self, node: Node, emit: Callable[[Message], None], programs: Programs) -> None:
        self.name = node.name
        self._emit = emit
        self._programs = programs
        self._tasks: list[asyncio.Task[None]] = []
        self._streams: dict[str, StackStream] = {}
        self._verbs: dict[str, Callable[..., Awaitable[Message]]] = {
            "echo": self._echo,
            "connect": self._connect,
            "say": self._say,
            "tick": self._tick,
            "stay": self._stay,
            "sockets": self._sockets,
            "change-stack": self._change,
        }

    async def answer(self, request: Message) -> Message:
        try:
            return {"ok": True, **await self._verbs[request.pop("do")](**request)}
        except OSError as error:
            return {"ok": False, "error": str(error)}

    def hear(self, event: StackEvent) -> None:
        if isinstance(event, Transition):
            self._emit({"kind": "state", "new": event.after.value})

    async def _echo(self) -> Message:
        listener = self._programs.listen(("::", 7))

        async def serve() -> None:
            while True:
                stream = await listener.accept()
                while data := await stream.receive(1000):
                    await stream.send(data)
                await stream.close()

        self._tasks.append(asyncio.create_task(serve()))
        return {}

    async def _connect(self, conn: str, address: str) -> Message:
        self._streams[conn] = await self._programs.connect((address, 7))
        return {}

    async def _say(self, conn: str, text: str) -> Message:
        await self._streams[conn].send(text.encode())
        return {"text": (await self._streams[conn].receive(1000)).decode()}

    async def _tick(self, times: int) -> Message:
        for _ in range(times):
            await asyncio.sleep(1)
            self._emit({"kind": "tick", "t": clock.now()})
        return {"after": clock.elapsed() // SECOND}

    async def _stay(self) -> Message:
        try:
            await asyncio.Event().wait()
        finally:
            self._emit({"kind": "left"})
        raise AssertionError("nothing else ends it")

    async def _change(self, **_: Any) -> Message:
        self._programs.driver.host.ip.set_up(self._programs.driver.now(), "eth0", is_up=True)
        return {"problems": []}

    async def _sockets(self) -> Message:
        return {"t": clock.now(), "sockets": [f"of {self.name}"]}


class Lab:
    """``events`` are what was told, with the second in which it was."""

    def __init__(self, capture: Path | None) -> None:
        self.plan: Plan = load_text(A_LAB, "lab.yaml")
        self.backend = SimBackend(Inhabitant)
        self.capture = capture
        self.events: list[tuple[float, Message]] = []

    async def up(self) -> None:
        await self.backend.up(self.plan, self.capture, self._note)

    def _note(self, event: Message) -> None:
        self.events.append(((clock.now() - EPOCH) / SECOND, event))

    def told(self, kind: str) -> list[tuple[int, Any]]:
        """Second, and the node or what is new."""
        return [
            (round(t), event.get("new") or event.get("node"))
            for t, event in self.events
            if event["kind"] == kind
        ]

    def address(self, node: str) -> str:
        return str(self.plan.node(node).interfaces[0].addresses[0].ip)

    async def ask(self, node: str, do: str, **arguments: Any) -> Message:
        return await self.backend.call(node, do, **arguments)

    async def connected(self) -> None:
        await self.ask("server", "echo")
        answer = await self.ask("c1", "connect", conn="first", address=self.address("server"))
        assert answer == {"ok": True}


def play(story: Callable[[Lab], Awaitable[None]], capture: Path | None = None) -> Lab:
    lab = Lab(capture)

    async def told() -> None:
        try:
            await lab.up()
            await story(lab)
        finally:
            await lab.backend.down()

    with lab.backend.runner() as runner:
        runner.run(told())
    return lab


def test_nodes_are_ready_and_talk_over_links_that_take_their_time():
    async def story(lab: Lab) -> None:
        assert clock.now() == EPOCH
        await lab.connected()
        # ARP, then SYN; and the answers of two agents.
        assert clock.now() - EPOCH == pytest.approx(42_000_000, rel=0.01)
        answer = await lab.ask("c1", "say", conn="first", text="hello")
        assert answer == {"ok": True, "text": "hello"}

    lab = play(story)
    assert lab.told("node") == [(0, "c1"), (0, "r1"), (0, "server")]
    assert [new for _, new in lab.told("state")] == [
        *("SYN_SENT", "SYN_RCVD", "ESTABLISHED", "ESTABLISHED")
    ]


def test_the_capture_begins_when_hosts_have_come_up(tmp_path: Path):
    file = tmp_path / "lab.pcapng"

    async def story(lab: Lab) -> None:
        assert {count.packets for count in await lab.backend.flush()} == {0}
        await lab.connected()
        counts = await lab.backend.flush()
        assert [(c.node, c.interface, c.drops) for c in counts] == [
            *(("c1", "eth0", 0), ("r1", "eth0", 0), ("r1", "eth1", 0), ("server", "eth0", 0))
        ]
        with file.open("rb") as stream:
            frames = [each for each in pcapng.read(stream) if isinstance(each, pcapng.Frame)]
        assert len(frames) == sum(count.packets for count in counts) > 8
        assert frames[0].t == EPOCH + 1_000_000  # the server's agent has answered
        await asyncio.sleep(3)
        assert 2.9 < await lab.backend.idle() < 3.1

    play(story, file)


def test_requests_and_answers_are_copies():
    async def story(lab: Lab) -> None:
        request = {"text": "hello", "conn": "first"}
        await lab.connected()
        await lab.ask("c1", "say", **request)
        assert request == {"text": "hello", "conn": "first"}

    play(story)


def test_a_frozen_node_stands_still_with_all_its_programs():
    async def story(lab: Lab) -> None:
        await lab.connected()
        ticking = asyncio.create_task(lab.ask("server", "tick", times=3))
        await asyncio.sleep(1.5)
        await lab.backend.freeze("server")
        saying = asyncio.create_task(lab.ask("c1", "say", conn="first", text="hello"))
        asking = asyncio.create_task(lab.ask("server", "tick", times=0))
        await asyncio.sleep(100)
        assert not ticking.done()
        assert not saying.done()
        assert not asking.done()
        assert (await lab.backend.sockets("server"))["sockets"] == ["of server"]
        await lab.backend.thaw("server")
        assert (await saying)["text"] == "hello"
        assert (await asking)["after"] == 111
        await ticking

    assert play(story).told("tick") == [(1, "server"), (102, "server"), (103, "server")]


def test_a_node_that_crashes_says_nothing_more_and_one_that_restarts_knows_nothing():
    async def story(lab: Lab) -> None:
        await lab.connected()
        ticking = asyncio.create_task(lab.ask("server", "tick", times=3))
        await asyncio.sleep(1.5)
        assert await lab.backend.crash("server", ["eth0"])
        assert await ticking == {"ok": False, "error": "server has crashed"}
        assert await lab.ask("server", "echo") == {"ok": False, "error": "server has crashed"}
        assert (await lab.backend.sockets("server"))["sockets"] == []
        await lab.backend.restart("server")
        wanted = configuration(lab.plan.node("server")).to_json()
        link_up = {"interface": "eth0", "up": True, "configuration": wanted}
        await lab.backend.change("server", "set-link", **link_up)
        answer = await lab.ask("c1", "say", conn="first", text="hello")
        assert "ECONNRESET" in answer["error"] or "reset" in answer["error"]
        await lab.connected()

    lab = play(story)
    assert lab.told("tick") == [(1, "server")]
    assert (lab.told("state")[-1][1]) == "ESTABLISHED"


def test_nothing_comes_to_the_interface_of_a_node_that_has_crashed():
    async def story(lab: Lab) -> None:
        await lab.connected()
        await lab.backend.crash("server", ["eth0"])
        *_, before = await lab.backend.flush()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await lab.ask("c1", "say", conn="first", text="hello")
        *_, router, after = await lab.backend.flush()
        assert (after.node, after.packets) == ("server", before.packets)
        assert router.packets > after.packets

    play(story)


def test_frames_that_are_longer_than_the_mtu_of_their_interface_are_lost():
    async def story(lab: Lab) -> None:
        await lab.connected()
        wanted = configuration(lab.plan.node("server")).to_json()
        mtu = {"interface": "eth0", "up": True, "configuration": wanted}
        await lab.backend.change("server", "set-mtu", mtu=600, **mtu)
        saying = asyncio.create_task(lab.ask("c1", "say", conn="first", text=1000 * "a"))
        await asyncio.sleep(5)
        assert not saying.done()
        await lab.backend.change("server", "set-mtu", mtu=1500, **mtu)
        assert (await saying)["text"] == 1000 * "a"

    play(story)


def test_programs_that_end_with_their_lab_are_not_heard_any_more():
    async def story(lab: Lab) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await lab.ask("c1", "stay")

    assert play(story).told("left") == []


def test_who_stops_waiting_does_not_keep_the_agent_from_going_on():
    async def story(lab: Lab) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await lab.ask("c1", "tick", times=2)
        await asyncio.sleep(10)

    assert play(story).told("tick") == [(1, "c1"), (2, "c1")]


def test_impaired_links_are_changed_and_counted():
    async def story(lab: Lab) -> None:
        await lab.connected()
        way = {"name": "r1 -- server", "way": "forward"}
        await lab.backend.impair("change", **way, profile={"loss": 1.0})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await lab.ask("c1", "say", conn="first", text="hello")
        (count,) = (await lab.backend.impair("counts"))["counts"]
        assert count["engine"] == "emulator"
        assert count["link"] == "r1 -- server"
        assert count["forward"]["lost"] > 3
        assert count["backward"]["lost"] == 0
        assert count["forward"]["passed"] > 1

    lab = play(story)
    stretches = [event for _, event in lab.events if event["kind"] == "stretch"]
    assert [(each["stretch"], each["text"]) for each in stretches] == [("r1 -- server", "emulator")]
    hits = [(t, event) for t, event in lab.events if event["kind"] == "impairment"]
    assert {(event["way"], event["action"], event["link"]) for _, event in hits} == {
        ("forward", "drop", "r1 -- server")
    }
    assert all((event["t"] - EPOCH) / SECOND == t for t, event in hits)


def test_faults_count_the_time_of_the_scenario_and_are_released():
    async def story(lab: Lab) -> None:
        await lab.connected()
        await lab.backend.impair("begin", t=clock.now())
        fault = {"action": "hold", "expression": "tcp.len > 0", "forward": True, "text": "hold"}
        fault |= {"until": {"name": "first", "event": "closed"}, "since": 1.0, "nth": []}
        fault |= {"where": "lab.yaml:1:1"}
        await lab.backend.impair("fault", name="r1 -- server", fault=json.loads(json.dumps(fault)))
        assert (await lab.ask("c1", "say", conn="first", text="before"))["text"] == "before"
        await asyncio.sleep(2)
        saying = asyncio.create_task(lab.ask("c1", "say", conn="first", text="held"))
        await asyncio.sleep(5)
        assert not saying.done()
        await lab.backend.impair("release", moment="first closed")
        assert (await saying)["text"] == "held"

    play(story)


def test_what_cannot_be_impaired_is_said():
    async def story(lab: Lab) -> None:
        with pytest.raises(LabError, match="c1 -- r1: the link was not made to be impaired"):
            await lab.backend.impair("change", name="c1 -- r1", way="forward", profile={})
        way = {"name": "r1 -- server", "way": "forward"}
        with pytest.raises(LabError, match="a link could not be impaired: change"):
            await lab.backend.impair("change", **way, profile={"colour": 1})

    play(story)


def test_who_is_not_there_is_said():
    backend = SimBackend(Inhabitant)
    with pytest.raises(UsageError, match="c1: no program can be run in it: its time is virtual"):
        backend.entry("c1")

    async def story(lab: Lab) -> None:
        with pytest.raises(NodeError, match="nobody: the lab has no such node"):
            await lab.ask("nobody", "echo")

    play(story)


def test_a_full_disk_is_said():
    async def story(lab: Lab) -> None:
        await lab.connected()
        with pytest.raises(EnvironmentLacks, match="cannot be written any more: No space left"):
            await lab.backend.flush()

    play(story, Path("/dev/full"))
