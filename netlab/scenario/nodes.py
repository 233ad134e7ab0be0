"""What happens to whole nodes while a lab runs: frozen, thawed, crashed, started again."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from netlab.agent.output import SAID_NOTHING
from netlab.backends.protocol import Backend
from netlab.collect.eventlog import EventLog
from netlab.errors import LabError, NodeError
from netlab.scenario.filters import restore_filters
from netlab.scenario.injections import watch_flows
from netlab.scenario.networks import Networks
from netlab.scenario.operations import server_requests
from netlab.topology.plan import Node, Plan

_NOT_DESTROYED = (
    "this kernel cannot destroy sockets (CONFIG_INET_DIAG_DESTROY): what {node} had open when it"
    " crashed may still send FIN or RST once its links are up again"
)


class Nodes:
    """Says what it does as `node` events."""

    def __init__(self, plan: Plan, backend: Backend, log: EventLog, networks: Networks) -> None:
        self._plan = plan
        self._backend = backend
        self._log = log
        self._networks = networks
        self._starts: dict[str, int] = {}
        self._turn: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.frozen: set[str] = set()
        self.crashed: set[str] = set()

    async def freeze(self, node: str) -> None:
        """Stop all the node's processes; its kernel goes on."""
        async with self._turn[node]:
            self._must_run(node)
            await self._backend.freeze(node)
            self.frozen.add(node)
            self._tell(node, "frozen")

    async def thaw(self, node: str) -> None:
        """Let the processes of a frozen node go on."""
        async with self._turn[node]:
            if node in self.frozen:
                await self._backend.thaw(node)
                self.frozen.discard(node)
                self._tell(node, "thawed")

    async def crash(self, node: str) -> None:
        """Take the node's power: no FIN and no RST leaves it, and its peers are not told."""
        async with self._turn[node]:
            self._must_run(node)
            await self._crash(node)

    async def restart(self, node: str, *, quiet: float | None = None) -> None:
        """Start a node: the same links and addresses, new processes. It crashes first if it runs.

        Returns when its main program and its services are ready. For ``quiet`` seconds its stack
        then assigns no sequence numbers of TCP (RFC 9293 section 3.4.3).
        """
        async with self._turn[node]:
            if node not in self.crashed:
                await self._crash(node)
            await self._backend.restart(node)
            if quiet is not None:
                await self._backend.call(node, do="keep-quiet", seconds=quiet)
            self.crashed.discard(node)
            await self._start_up(self._plan.node(node))
            self._starts[node] = self.starts(node) + 1
            self._tell(node, "ready", restarts=self.starts(node))

    async def _start_up(self, node: Node) -> None:
        """In the order in which a lab does it."""
        await restore_filters(node, self._plan, self._backend)
        await watch_flows(self._plan, self._backend, only=node.name)
        await self._networks.switch_on(node.name)
        await self._backend.until_ready([node.name])
        await start_services(self._backend, [node])

    async def _crash(self, node: str) -> None:
        self.crashed.add(node)
        self.frozen.discard(node)
        self._tell(node, "crashed")
        if not await self._backend.crash(node, self._networks.switched_off(node)):
            self._log.tell({"kind": "notice", "text": _NOT_DESTROYED.format(node=node)})

    def status(self, node: str) -> str:
        """Running, frozen or crashed."""
        if node in self.crashed:
            return "crashed"
        return "frozen" if node in self.frozen else "running"

    def starts(self, node: str) -> int:
        """How often the node was started again."""
        return self._starts.get(node, 0)

    def _must_run(self, node: str) -> None:
        if node in self.crashed:
            raise NodeError("it has crashed already", where=node, hint="restart it first")

    def _tell(self, node: str, status: str, **more: int) -> None:
        self._log.tell({"kind": "node", "node": node, "status": status, **more})


async def start_services(backend: Backend, nodes: Sequence[Node]) -> None:
    """Start the services of ``nodes``, wait until they are ready; LabError for one that fails."""
    asked = [(node.name, request) for node in nodes for request in server_requests(node)]
    answers = await asyncio.gather(*(backend.call(node, **request) for node, request in asked))
    for (node, request), answer in zip(asked, answers, strict=True):
        if not answer["ok"]:
            name = request.get("service", "the super-server")
            has_log = "argv" in request and not answer["error"].endswith(SAID_NOTHING)
            log = f"logs/{node}.{name}.log of the run's folder"
            hint = f"{log} has all that it printed" if has_log else ""
            raise LabError(f"{name} does not start: {answer['error']}", where=node, hint=hint)
