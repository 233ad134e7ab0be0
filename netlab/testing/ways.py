"""The shipped labs by who can play them: kernels, containers, netlab's own stack."""

from __future__ import annotations

from netlab import shipped
from netlab.topology.loading import load

#: Labs that only a kernel can play, and why.
OF_KERNELS = {
    "apps/system-ping": "it shows the system's ping and traceroute",
    "services/programs": "its services are programs of one's own",
    "services/super-server": "it shows processes",
    "sockets/families": "it shows a program with sockets of both families",
    "sockets/reserved-ports": "it shows the rights of a program's user",
    "sockets/server-models": "it compares processes and threads",
    "sockets/stopped-program": "it stops a process",
}

#: Labs that run in containers, whose programs are not ours.
IN_CONTAINERS = tuple(name for name in shipped.names() if load(shipped.find(name)).backend)

#: All others: netlab's own stack plays them, in real and in virtual time.
OURS = tuple(name for name in shipped.names() if name not in {*OF_KERNELS, *IN_CONTAINERS})


def text(lab: str) -> str:
    """Its topology file."""
    return shipped.find(lab).read_text()
