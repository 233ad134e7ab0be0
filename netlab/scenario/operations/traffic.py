"""Much at once, as requests."""

from __future__ import annotations

from netlab.scenario.operations.base import Message, request
from netlab.scenario.operations.sockets import sent
from netlab.topology.steps import Fill, Flood, Many, Payload, Transfer


@request.register
def _(step: Transfer) -> Message:
    return {"do": "transfer", "conn": step.name, "payload_text": None, "payload_size": step.size}


@request.register
def _(step: Fill) -> Message:
    return {"do": "fill", "conn": step.name, "payload_text": None, "payload_size": step.by}


@request.register
def _(step: Many) -> Message:
    return {
        "do": "many",
        "conn": step.name,
        "address": step.address,
        "port": step.port,
        "count": step.count,
        **sent(step.payload or Payload(0)),
        "reply": step.reply,
        "times": step.times,
        "hold": step.hold,
        "rate": step.rate,
        "patience": step.patience,
    }


@request.register
def _(step: Flood) -> Message:
    return {
        "do": "flood",
        "conn": step.name,
        "address": step.address,
        "port": step.port,
        "count": step.count,
        "sources": step.sources,
        "rate": step.rate,
    }
