"""Packets that nobody else would send, as requests to the node that sends them."""

from __future__ import annotations

from netlab.scenario.operations.base import Message
from netlab.topology.steps import (
    Connect,
    Inject,
    InjectDatagram,
    InjectSegment,
    Payload,
    Replay,
    SegmentNumber,
)
from netlab.wire.address import endpoint, from_text


def message(step: Inject) -> Message:
    """To send an ICMP message that quotes nothing."""
    return {"do": "send-icmp", **_icmp(step), "address": step.address}


def datagram(step: InjectDatagram) -> Message:
    return {
        "do": "inject-datagram",
        "address": step.address,
        "port": step.port,
        "local_port": step.local_port,
        "hop_limit": step.hop_limit,
        "identification": step.identification,
        "dont_fragment": step.dont_fragment,
        "flow_label": step.flow_label,
        "options": step.options.hex(),
        "extensions": [(each.type, each.body.hex()) for each in step.extensions],
        "fragments": [(each.start, each.stop) for each in step.fragments],
        **_data(step.payload),
    }


def about(step: Inject | InjectSegment | Replay, opened: Connect, local: str | None) -> Message:
    """To send what is about the connection ``opened`` from ``local``, where that is known."""
    return {
        **_asked(step),
        "conn": opened.name,
        "transport": opened.transport,
        "local": local,
        "local_port": opened.local_port,
        "foreign": endpoint(from_text(opened.address), opened.port),
    }


def _asked(step: Inject | InjectSegment | Replay) -> Message:
    if isinstance(step, Inject):
        return {"do": "inject", **_icmp(step)}
    if isinstance(step, Replay):
        return {"do": "replay", "expression": step.expression, "nth": step.nth}
    return {
        "do": "inject-segment",
        "to_opener": step.to_opener,
        "flags": step.flags,
        "sequence": _number(step.sequence),
        "acknowledgment": _number(step.acknowledgment),
        "timestamp": _number(step.timestamp) if step.timestamp else None,
        "window": step.window,
        "urgent": step.urgent,
        "mss": step.mss,
        **_data(step.payload),
    }


def _data(payload: Payload | None) -> Message:
    return {
        "payload_text": payload.text if payload else None,
        "payload_hex": payload.hex if payload else None,
        "payload_size": payload.size if payload else 0,
    }


def _icmp(step: Inject) -> Message:
    error = step.error
    return {"type": error.type, "code": error.code, "parameter": error.parameter}


def _number(number: SegmentNumber) -> tuple[int, bool]:
    return number.value, number.is_relative
