"""Services as requests."""

from __future__ import annotations

from dataclasses import asdict

from netlab.scenario.operations.base import Message
from netlab.scenario.operations.options import socket_options
from netlab.scenario.operations.programs import program_request
from netlab.topology.plan import Node, Service


def service_request(service: Service, node: Node) -> Message:
    """What to ask the agent that shall run ``service``."""
    return {
        "do": "service",
        "service": service.name,
        "protocol": service.protocol,
        "transport": service.transport,
        "port": service.port,
        "address": service.address,
        "model": service.model_on(node.stack),
        "backlog": service.backlog,
        "groups": service.groups,
        "think": service.think,
        "close_after": service.close_after,
        "workers": service.workers,
        "accept_lock": service.accept_lock,
        "read": asdict(service.read) if service.read else None,
        "size": service.size,
        "sigurg": service.sigurg,
        "options": socket_options(service.options, service.transport, node),
    }


def server_requests(node: Node) -> list[Message]:
    """What to ask the agent of ``node`` for its services: a server each, and one for inetd's."""
    inetd = [each for each in node.services if each.model == "inetd"]
    requests = [service_request(each, node) for each in node.services if each not in inetd]
    if inetd:
        asked = [service_request(each, node) for each in inetd]
        requests.append({"do": "super-server", "services": asked})
    return requests + [program_request(each) for each in node.programs]
