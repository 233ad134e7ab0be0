"""Steps and services as requests to a node's agent."""

from __future__ import annotations

from netlab.scenario.operations import groups, probes, programs, sockets, traffic
from netlab.scenario.operations.base import Message, request
from netlab.scenario.operations.options import socket_options
from netlab.scenario.operations.services import server_requests, service_request
from netlab.topology.plan import Plan
from netlab.topology.steps import Connect, Many, NodeStep, Open

__all__ = [
    "Message",
    "groups",
    "probes",
    "programs",
    "server_requests",
    "service_request",
    "sockets",
    "step_request",
    "traffic",
]


def step_request(step: NodeStep, plan: Plan) -> Message:
    """What to ask the agent of ``step.node``."""
    asked = {"within": step.timing.within, "seed": plan.seed, **request(step)}
    if isinstance(step, Connect | Open | Many):
        transport = _transport(step)
        asked["options"] = socket_options(step.options, transport, plan.node(step.node))
    return asked


def _transport(step: Connect | Open | Many) -> str:
    if isinstance(step, Connect):
        return step.transport
    return "udp" if isinstance(step, Open) else "tcp"
