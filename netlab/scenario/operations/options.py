"""Socket options as an agent takes them."""

from __future__ import annotations

from dataclasses import asdict

from netlab.scenario.operations.base import Message
from netlab.topology.options import SocketOptions
from netlab.topology.plan import Node


def socket_options(chosen: SocketOptions, transport: str, node: Node) -> Message:
    """A TCP socket uses its node's congestion control unless it chooses its own."""
    options = asdict(chosen)
    if transport == "tcp" and chosen.congestion is None:
        options["congestion"] = node.congestion
    return options
