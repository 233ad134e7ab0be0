"""The agent as the first process of a container: it waits for the fabric to connect.

The socket's name is one of the node's own network namespace: nobody outside the node, but for the
fabric, which enters it, can see it.
"""

from __future__ import annotations

import socket
import sys
from typing import NoReturn

from netlab.agent.channel import HELLO

ADDRESS = "\0netlab-agent"

#: Seconds until an agent that nobody wants ends, and its container with it.
_WANTED_WITHIN = 120.0


def main() -> NoReturn:
    """Take one connection, serve it, and exit when it closes."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(ADDRESS)
    listener.listen(1)
    listener.settimeout(_WANTED_WITHIN)
    try:
        endpoint, _ = listener.accept()
    except TimeoutError:
        sys.exit("netlab: no fabric has asked for this agent")
    listener.close()
    endpoint.setblocking(True)
    endpoint.sendall(HELLO)
    # What an agent needs takes as long to load as the rest: an idle one does without it.
    endpoint.recv(1, socket.MSG_PEEK)
    from netlab.agent.main import serve_agent  # noqa: PLC0415 - see above

    serve_agent(socket.gethostname(), endpoint)
