"""Steps and services as requests to a node's agent."""

from __future__ import annotations

from dataclasses import asdict
from functools import singledispatch
from typing import Any

from netlab.topology.options import SocketOptions
from netlab.topology.plan import Node, Plan, Service
from netlab.topology.steps import (
    Close,
    Connect,
    Exec,
    Exit,
    Kill,
    NodeStep,
    Open,
    Payload,
    Receive,
    Request,
    Send,
    Shutdown,
)

Message = dict[str, Any]


def service_request(service: Service, node: Node) -> Message:
    """What to ask the agent that shall run ``service``."""
    return {
        "do": "service",
        "service": service.name,
        "protocol": service.protocol,
        "transport": service.transport,
        "port": service.port,
        "address": service.address,
        "model": service.model,
        "backlog": service.backlog,
        "think": service.think,
        "close_after": service.close_after,
        "options": _options(service.options, service.transport, node),
    }


def server_requests(node: Node) -> list[Message]:
    """What to ask the agent of ``node`` for its services: a server each, and one for inetd's."""
    inetd = [each for each in node.services if each.model == "inetd"]
    requests = [service_request(each, node) for each in node.services if each not in inetd]
    if inetd:
        asked = [service_request(each, node) for each in inetd]
        requests.append({"do": "super-server", "services": asked})
    return requests


def step_request(step: NodeStep, plan: Plan) -> Message:
    """What to ask the agent of ``step.node``."""
    asked = {"within": step.timing.within, "seed": plan.seed, **_request(step)}
    if isinstance(step, Connect | Open):
        transport = step.transport if isinstance(step, Connect) else "udp"
        asked["options"] = _options(step.options, transport, plan.node(step.node))
    return asked


def _options(chosen: SocketOptions, transport: str, node: Node) -> Message:
    """A TCP socket uses its node's congestion control unless it chooses its own."""
    options = asdict(chosen)
    if transport == "tcp" and chosen.congestion is None:
        options["congestion"] = node.congestion
    return options


@singledispatch
def _request(step: NodeStep) -> Message:
    raise TypeError(f"no agent performs {type(step).__name__}")


@_request.register
def _(step: Connect) -> Message:
    return {
        "do": "connect",
        "conn": step.name,
        "transport": step.transport,
        "address": step.address,
        "port": step.port,
        **_socket(step),
    }


@_request.register
def _(step: Open) -> Message:
    return {"do": "open", "conn": step.name, "transport": "udp", **_socket(step)}


def _socket(step: Connect | Open) -> Message:
    return {
        "local_address": step.local_address,
        "local_port": step.local_port,
        "process": step.process,
    }


@_request.register
def _(step: Send) -> Message:
    return {
        "do": "send",
        "conn": step.name,
        "to": step.to,
        "more": step.more,
        **_payload(step.payload),
    }


def _payload(payload: Payload) -> Message:
    return {"payload_text": payload.text, "payload_size": payload.size}


@_request.register
def _(step: Receive) -> Message:
    return {"do": "receive", "conn": step.name, "size": step.size, "text": step.expected_text}


@_request.register
def _(step: Request) -> Message:
    return {
        "do": "request",
        "conn": step.name,
        "reply": step.reply,
        "times": step.times,
        "think": step.think,
        **_payload(step.payload),
    }


@_request.register
def _(step: Shutdown) -> Message:
    return {"do": "shutdown", "conn": step.name}


@_request.register
def _(step: Close) -> Message:
    return {"do": "close", "conn": step.name}


@_request.register
def _(step: Exit) -> Message:
    return {"do": "exit", "process": step.process}


@_request.register
def _(step: Kill) -> Message:
    return {"do": "kill", "process": step.process, "signal": step.signal}


@_request.register
def _(step: Exec) -> Message:
    return {"do": "exec", "conn": step.name, "argv": list(step.argv)}
