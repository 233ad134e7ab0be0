"""ICMP errors that a scenario lets a node send about a connection's packets."""

from __future__ import annotations

import asyncio

from netlab.analyse.names import every_step
from netlab.backends.protocol import Backend, Message
from netlab.collect.eventlog import EventLog
from netlab.scenario.operations.probes import injection, message
from netlab.topology.plan import Plan
from netlab.topology.steps import Connect, Inject


async def watch_flows(plan: Plan, backend: Backend, only: str | None = None) -> None:
    """Let the nodes that shall quote packets see them; or ``only`` one of them."""
    nodes = {
        step.node
        for step in every_step(plan.steps)
        if isinstance(step, Inject) and step.connection and only in {None, step.node}
    }
    await asyncio.gather(*(backend.call(node, "remember") for node in sorted(nodes)))


class Injections:
    def __init__(self, plan: Plan, backend: Backend, log: EventLog) -> None:
        self._plan = plan
        self._backend = backend
        self._log = log

    async def inject(self, step: Inject) -> Message:
        if step.address is not None:
            return await self._backend.call(step.node, **message(step.error, step.address))
        assert step.connection is not None
        about = next(
            each
            for each in every_step(self._plan.steps)
            if isinstance(each, Connect) and each.name == step.connection
        )
        request = injection(step.error, about, self._local(about.name))
        return await self._backend.call(step.node, **request, within=step.timing.within)

    def _local(self, name: str) -> str | None:
        """The connection's own end, where it is known: a connect that goes on tells nothing yet."""
        return next(
            (
                str(event.data["local"])
                for event in self._log.events
                if event.kind == "op" and event.conn == name and event.data.get("local")
            ),
            None,
        )
