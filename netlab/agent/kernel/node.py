"""A node on the kernel's transport: programs, servers and whatever holds sockets are processes."""

from __future__ import annotations

import os
from typing import NoReturn

from netlab.agent.advertise import advertise
from netlab.agent.agent import Verb
from netlab.agent.channel import Message
from netlab.agent.children import Children, Emit, Serve
from netlab.agent.clients import Clients
from netlab.agent.filters import Filters
from netlab.agent.observers import Observers
from netlab.agent.operations import reported
from netlab.agent.ping import ping
from netlab.agent.programs import Programs
from netlab.agent.servers import Servers
from netlab.agent.swarm import Swarm
from netlab.agent.traceroute import traceroute


class KernelNode:
    """Fulfils ``netlab.agent.agent.Node``. ``serve`` is what an agent in a child process does."""

    def __init__(self, name: str, emit: Emit, serve: Serve) -> None:
        self.processes = Children(emit, serve)
        servers = Servers(emit, self.processes)
        self.verbs: dict[str, Verb] = {
            "service": servers.start,
            "super-server": servers.start_super_server,
            "exit": _leave,
            **Programs(emit, self.processes, Swarm(name, emit)).verbs,
            **Clients(emit).verbs,
            **Filters(emit).verbs,
            **Observers(emit).verbs,
            "advertise": reported(emit, advertise),
            "ping": reported(emit, ping),
            "traceroute": reported(emit, traceroute),
        }


async def _leave(_: Message) -> NoReturn:
    os._exit(0)
