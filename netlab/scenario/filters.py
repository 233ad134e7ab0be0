"""Packet filters of the nodes: those of the file, and those that a scenario sets and removes."""

from __future__ import annotations

import asyncio
from itertools import count

from netlab.backends.protocol import Backend, Message
from netlab.collect.eventlog import EventLog
from netlab.errors import EnvironmentLacks, NodeError
from netlab.scenario.operations.filters import filters_request
from netlab.topology.plan import Node, Plan
from netlab.topology.steps import SetFilter, every_step


class Filters:
    """``later`` takes what a step sets off for a later time."""

    def __init__(
        self, plan: Plan, backend: Backend, log: EventLog, later: list[asyncio.Task[None]]
    ) -> None:
        self._plan = plan
        self._backend = backend
        self._log = log
        self._later = later
        self._numbers = count(max((len(node.filters) for node in plan.nodes), default=0))

    async def set(self, step: SetFilter) -> Message:
        """Add the step's filter, for a while or for good; or remove all of the node."""
        node = step.node
        if step.filter is None:
            await _ask(self._backend, node, {"do": "remove-filters", "numbers": None})
            return {}
        number = next(self._numbers)
        request = filters_request({number: step.filter}, self._plan.node(node))
        await _ask(self._backend, node, request)
        self._log.tell(
            {"kind": "filter", "node": node, "filter": step.filter.text, "status": "set"}
        )
        if step.duration is not None:
            self._later.append(asyncio.create_task(self._remove(node, number, step.duration)))
        return {}

    async def _remove(self, node: str, number: int, after: float) -> None:
        await asyncio.sleep(after)
        await _ask(self._backend, node, {"do": "remove-filters", "numbers": [number]})


async def install_filters(plan: Plan, backend: Backend) -> None:
    """Those that the file gives its nodes; EnvironmentLacks without nftables."""
    await asyncio.gather(
        *(
            _ask(backend, node.name, filters_request(dict(enumerate(node.filters)), node))
            for node in plan.nodes
            if node.filters
        )
    )


async def restore_filters(node: Node, plan: Plan, backend: Backend) -> None:
    """Give a node that starts again the filters of the file, and no others."""
    if _filters(node, plan):
        await _ask(backend, node.name, filters_request(dict(enumerate(node.filters)), node))


async def count_filters(plan: Plan, backend: Backend, silent: frozenset[str] = frozenset()) -> None:
    """Let the nodes tell what their filters have stopped; ``silent`` ones cannot."""
    filtering = [node for node in plan.nodes if node.name not in silent and _filters(node, plan)]
    await asyncio.gather(*(backend.call(node.name, "count-filters") for node in filtering))


def _filters(node: Node, plan: Plan) -> bool:
    return bool(node.filters) or any(
        isinstance(step, SetFilter) and step.node == node.name for step in every_step(plan.steps)
    )


async def _ask(backend: Backend, node: str, request: Message) -> None:
    answer = await backend.call(node, **request)
    if answer["ok"]:
        return
    if answer.get("lacks"):
        raise EnvironmentLacks(
            f"the program `{answer['lacks']}` is missing, which filters packets",
            where=node,
            hint="install nftables",
        )
    raise NodeError(f"packets cannot be filtered: {answer['error']}", where=node)
