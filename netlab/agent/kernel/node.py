"""A node on the kernel's transport: programs, servers and whatever holds sockets are processes."""

from __future__ import annotations

import os
from typing import NoReturn

from netlab.agent import operating
from netlab.agent.agent import Verb
from netlab.agent.channel import Emit, Message
from netlab.agent.children import Children, Serve
from netlab.agent.clients import Clients
from netlab.agent.filters import Filters
from netlab.agent.kernel.firewall import Nftables
from netlab.agent.kernel.network import KernelNetwork
from netlab.agent.programs import Programs
from netlab.agent.servers import Servers
from netlab.agent.swarm import Swarm


class KernelNode:
    """Fulfils ``netlab.agent.agent.Node``. ``serve`` is what an agent in a child process does."""

    def __init__(self, name: str, emit: Emit, serve: Serve) -> None:
        network = KernelNetwork()
        self.processes = Children(emit, serve)
        servers = Servers(emit, self.processes)
        self.verbs: dict[str, Verb] = {
            "service": servers.start,
            "super-server": servers.start_super_server,
            "exit": _leave,
            **operating.verbs(network, Clients(network, emit), emit),
            **Programs(emit, self.processes, Swarm(name, emit)).verbs,
            **Filters(emit, Nftables(network)).verbs,
        }


async def _leave(_: Message) -> NoReturn:
    os._exit(0)
