"""A node on the userspace stack: everything that it does is a task of one event loop."""

from __future__ import annotations

import errno
from functools import partial
from typing import NoReturn

from netlab import clock
from netlab.agent import operating
from netlab.agent.agent import Verb
from netlab.agent.channel import Emit, Message
from netlab.agent.clients import Clients
from netlab.agent.filters import Filters
from netlab.agent.userspace import configuring
from netlab.agent.userspace.firewall import StackFirewall
from netlab.agent.userspace.network import StackNetwork
from netlab.agent.userspace.processes import StackProcesses
from netlab.agent.userspace.sampling import Sampling
from netlab.agent.userspace.servers import StackServers
from netlab.agent.userspace.table import StackTable
from netlab.agent.userspace.telling import Teller
from netlab.collect.samples import InfoSampler
from netlab.stack.api.programs import Programs, StackEvent
from netlab.stack.events import Transition
from netlab.stack.units import SECOND

#: What needs processes of the kernel's.
_OF_THE_KERNEL = ("exec", "start", "await", "signal", "run-service")


class StackNode:
    """Fulfils ``netlab.agent.agent.Node``. Whoever makes ``programs`` lets it ``hear`` events.

    ``tcp_info`` is how often, in seconds, connections are sampled; ``variables`` tells of every
    change of their control blocks.
    """

    def __init__(
        self,
        name: str,
        emit: Emit,
        programs: Programs,
        *,
        tcp_info: float | None = None,
        variables: bool = False,
    ) -> None:
        self._driver = programs.driver
        now = programs.driver.now()
        self._teller = Teller(emit, epoch=clock.date(now) - now)
        self._table = StackTable(programs.driver.host)
        self._sampling = (
            Sampling(InfoSampler(name, self._table, emit, tcp_info), tcp_info) if tcp_info else None
        )
        open_network = partial(StackNetwork, programs, variables=variables)
        network = open_network()
        self.processes = StackProcesses(open_network, emit)
        self._servers = StackServers(network, emit)
        self.verbs: dict[str, Verb] = {
            "service": self._servers.start,
            "super-server": self._servers.start_super_server,
            **operating.verbs(network, Clients(network, emit), emit),
            **Filters(emit, StackFirewall(programs.driver.host)).verbs,
            "change-stack": self._change,
            "keep-quiet": self._keep_quiet,
            "sockets": self._sockets,
            "end-programs": _nothing,
            **dict.fromkeys(_OF_THE_KERNEL, _refuse),
        }

    def hear(self, event: StackEvent) -> None:
        """What happens in the stack, but for what is about a program's socket."""
        self._teller.hear(event)
        if self._sampling is not None and isinstance(event, Transition):
            self._sampling.wake()

    async def _change(self, request: Message) -> Message:
        problems = configuring.change(self._driver.host, self._driver.now(), request)
        self._driver.stirred()
        return {"problems": problems}

    async def _keep_quiet(self, request: Message) -> None:
        duration = round(request["seconds"] * SECOND)
        self._driver.host.tcp.keep_quiet(self._driver.now() + duration)

    async def _sockets(self, _: Message) -> Message:
        holders = self.processes.holders()
        rows = [
            each.row(None, holders.get((each.local, each.foreign))) for each in self._table.read()
        ]
        return {"t": clock.now(), "sockets": rows}


async def _nothing(_: Message) -> None:
    """There is nothing to do."""


async def _refuse(request: Message) -> NoReturn:
    text = f"{request['do']} needs a node on the kernel's stack: this one is on netlab's own"
    raise OSError(errno.ENOTSUP, text)
