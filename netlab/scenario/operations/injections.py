"""Packets that nobody else would send, as requests to the node that sends them."""

from __future__ import annotations

from netlab.scenario.operations.base import Message
from netlab.topology.steps import Connect, Inject, InjectSegment, Replay, SegmentNumber
from netlab.wire.address import endpoint, from_text


def message(step: Inject) -> Message:
    """To send an ICMP message that quotes nothing."""
    return {"do": "send-icmp", **_icmp(step), "address": step.address}


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
        "payload_text": step.payload.text if step.payload else None,
        "payload_size": step.payload.size if step.payload else 0,
    }


def _icmp(step: Inject) -> Message:
    error = step.error
    return {"type": error.type, "code": error.code, "parameter": error.parameter}


def _number(number: SegmentNumber) -> tuple[int, bool]:
    return number.value, number.is_relative
