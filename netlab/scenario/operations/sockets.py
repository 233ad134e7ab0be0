"""Socket operations as requests."""

from __future__ import annotations

from dataclasses import asdict

from netlab.scenario.operations.base import Message, request
from netlab.topology.steps import (
    Close,
    Connect,
    Open,
    Payload,
    Receive,
    Request,
    Reset,
    Send,
    SetOptions,
    Shutdown,
)


@request.register
def _(step: Connect) -> Message:
    return {
        "do": "connect",
        "conn": step.name,
        "transport": step.transport,
        "address": step.address,
        "port": step.port,
        **_socket(step),
    }


@request.register
def _(step: Open) -> Message:
    return {"do": "open", "conn": step.name, "transport": "udp", **_socket(step)}


def _socket(step: Connect | Open) -> Message:
    return {
        "local_address": step.local_address,
        "local_port": step.local_port,
        "process": step.process,
        "unprivileged": step.unprivileged,
    }


@request.register
def _(step: SetOptions) -> Message:
    options = {key: value for key, value in asdict(step.options).items() if value is not None}
    return {"do": "set", "conn": step.name, "options": options}


@request.register
def _(step: Send) -> Message:
    return {
        "do": "send",
        "conn": step.name,
        "to": step.to,
        "more": step.more,
        "urgent": step.urgent,
        **_framed(step),
        **sent(step.payload),
    }


def sent(payload: Payload) -> Message:
    if payload.hex is not None:
        return {"payload_hex": payload.hex, "payload_size": payload.size}
    return {"payload_text": payload.text, "payload_size": payload.size}


@request.register
def _(step: Receive) -> Message:
    if step.room is not None:
        return {"do": "receive-datagram", "conn": step.name, "room": step.room}
    return {
        "do": "receive",
        "conn": step.name,
        "size": step.size,
        "text": step.expected_text,
        "urgent": step.urgent,
        "nothing": step.nothing,
        "by": step.by,
        "every": step.every,
        **_framed(step),
    }


def _framed(step: Send | Receive) -> Message:
    if step.framed is None:
        return {}
    ways = asdict(step.framed).items()
    return {"framed": {way: value for way, value in ways if value is not None}}


@request.register
def _(step: Request) -> Message:
    return {
        "do": "request",
        "conn": step.name,
        "reply": step.reply,
        "times": step.times,
        "think": step.think,
        **sent(step.payload),
    }


@request.register
def _(step: Shutdown) -> Message:
    return {"do": "shutdown", "conn": step.name}


@request.register
def _(step: Close) -> Message:
    return {"do": "close", "conn": step.name}


@request.register
def _(step: Reset) -> Message:
    return {"do": "reset", "conn": step.name}
