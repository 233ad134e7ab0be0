"""Probes and ICMP observers as requests."""

from __future__ import annotations

from netlab.scenario.operations.base import Message, request
from netlab.topology.steps import Advertise, Observe, Ping, StopObserving, Traceroute


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
