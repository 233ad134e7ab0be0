"""Probes and ICMP observers as requests."""

from __future__ import annotations

from netlab.scenario.operations.base import Message, request
from netlab.topology.filters import IcmpReply
from netlab.topology.steps import Advertise, Connect, Observe, Ping, StopObserving, Traceroute
from netlab.wire.address import endpoint, from_text


@request.register
def _(step: Ping) -> Message:
    return {
        "do": "ping",
        "conn": step.name,
        "address": step.address,
        "count": step.count,
        "size": step.size,
        "interval": step.interval,
        "timeout": step.timeout,
        "ttl": step.ttl,
        "df": step.df,
    }


@request.register
def _(step: Traceroute) -> Message:
    return {
        "do": "traceroute",
        "conn": step.name,
        "address": step.address,
        "method": step.method,
        "most": step.most,
        "timeout": step.timeout,
    }


@request.register
def _(step: Observe) -> Message:
    return {"do": "observe", "conn": step.name, "errors_only": step.errors_only}


@request.register
def _(step: StopObserving) -> Message:
    return {"do": "stop", "conn": step.name}


@request.register
def _(step: Advertise) -> Message:
    return {
        "do": "advertise",
        "conn": step.name,
        "prefix": step.prefix,
        "interface": step.interface,
        "lifetime": step.lifetime,
        "router": step.router,
    }


def injection(error: IcmpReply, about: Connect, local: str | None) -> Message:
    """To send ``error`` about the last packet of ``about`` from ``local``, where that is known."""
    return {
        "do": "inject",
        "conn": about.name,
        "type": error.type,
        "code": error.code,
        "parameter": error.parameter,
        "transport": about.transport,
        "local": local,
        "local_port": about.local_port,
        "foreign": endpoint(from_text(about.address), about.port),
    }


def message(error: IcmpReply, address: str) -> Message:
    """To send an ICMP message that quotes nothing."""
    return {
        "do": "send-icmp",
        "type": error.type,
        "code": error.code,
        "parameter": error.parameter,
        "address": address,
    }
