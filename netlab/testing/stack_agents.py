"""Agents of nodes on our stack, in a world of virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from netlab import clock
from netlab.agent.agent import Agent
from netlab.agent.userspace.node import StackNode
from netlab.backends.sim.clock import WorldClock
from netlab.backends.sim.loop import play
from netlab.backends.sim.network import SimNetwork, Watcher
from netlab.fabric.configuration import configuration
from netlab.stack.api.programs import StackEvent
from netlab.testing import impaired, plans
from netlab.topology.impairment import Impairment
from netlab.topology.plan import Plan

_Result = TypeVar("_Result")
Message = dict[str, Any]


class Agents:
    """``c1`` (10.0.0.2) and ``server`` (10.0.0.1); ``events`` are what they have told so far."""

    def __init__(self, plan: Plan, **options: Any) -> None:
        self.plan = plan
        self.events: list[Message] = []
        self._nodes: dict[str, StackNode] = {}
        self.network = SimNetwork(plan, watcher=Watcher(event=self._hear))
        self._options = options

    def start(self) -> None:
        """In the world's time."""
        for name, station in self.network.stations.items():
            emit = partial(self._emit, name)
            self._nodes[name] = StackNode(name, emit, station.programs, **self._options)
        self._agents = {name: Agent(node) for name, node in self._nodes.items()}

    def _hear(self, name: str, event: StackEvent) -> None:
        if name in self._nodes:  # hosts that come up have nobody yet
            self._nodes[name].hear(event)

    def _emit(self, name: str, event: Message) -> None:
        self.events.append({"node": name, **event})

    async def ask(self, name: str, do: str, **arguments: Any) -> Message:
        """The answer of a node's agent."""
        request = {"do": do, "within": 10.0, "seed": 7, **arguments}
        return await self._agents[name].answer(request)

    async def serve(self, name: str = "server", protocol: str = "echo", **fields: Any) -> Message:
        """Start a service, for TCP at port 7 unless ``fields`` say otherwise."""
        request = {
            "service": f"{protocol} {fields.get('transport', 'tcp')}/{fields.get('port', 7)}",
            "protocol": protocol,
            "transport": "tcp",
            "port": 7,
            "address": None,
            "model": "asyncio",
            "backlog": 16,
            "think": 0.0,
            "close_after": 0.0,
            "options": {},
        }
        return await self.ask(name, "service", **(request | fields))

    async def connect(self, conn: str = "first", port: int = 7, **fields: Any) -> Message:
        """From ``c1`` to ``server``."""
        request = {
            "conn": conn,
            "transport": "tcp",
            "address": "10.0.0.1",
            "port": port,
            "local_address": None,
            "local_port": None,
            "process": None,
            "options": {},
        }
        return await self.ask("c1", "connect", **(request | fields))

    async def send(self, conn: str, text: str, **fields: Any) -> Message:
        payload = {"payload_text": text, "payload_size": len(text.encode())}
        return await self.ask("c1", "send", conn=conn, **payload, **fields)

    async def change(self, name: str, what: str, **arguments: Any) -> list[str]:
        """Of the interface ``eth0``; what failed."""
        wanted = arguments.pop("configuration", None) or configuration(self.plan.node(name))
        answer = await self.ask(
            name,
            "change-stack",
            what=what,
            interface="eth0",
            configuration=wanted.to_json(),
            **arguments,
        )
        problems: list[str] = answer["problems"]
        return problems

    def told(self, kind: str, **fields: Any) -> list[Message]:
        """The events of a kind that have these fields."""
        return [e for e in self.events if e["kind"] == kind and fields.items() <= e.items()]

    def states(self, name: str) -> list[str]:
        """Those that a node's connections have gone through."""
        return [event["new"] for event in self.told("state", node=name)]


def two_agents(
    story: Callable[[Agents], Awaitable[_Result]],
    *,
    impairment: Impairment | None = None,
    **options: Any,
) -> _Result:
    """What the story returns that is told of two nodes on one link."""
    plan = impaired.cable(impairment) if impairment else plans.two_hosts(services=())
    agents = Agents(replace(plan, seed=7), **options)

    async def told() -> _Result:
        agents.start()
        return await story(agents)

    with clock.of(WorldClock(agents.network.world)):
        return play(agents.network.world, told())
