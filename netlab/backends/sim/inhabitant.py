"""The agent of a node on netlab's own stack."""

from __future__ import annotations

from collections.abc import Callable

from netlab.agent.agent import Agent
from netlab.agent.channel import Message
from netlab.agent.userspace.node import StackNode
from netlab.stack.api.programs import Programs, StackEvent
from netlab.topology.plan import Node


class Inhabitant:
    """Fulfils ``netlab.backends.sim.life.Inhabitant``."""

    def __init__(self, node: Node, emit: Callable[[Message], None], programs: Programs) -> None:
        self._node = StackNode(
            node.name, emit, programs, tcp_info=node.tcp_info, variables=node.variables
        )
        self._agent = Agent(self._node)

    async def answer(self, request: Message) -> Message:
        return await self._agent.answer(request)

    def hear(self, event: StackEvent) -> None:
        self._node.hear(event)
