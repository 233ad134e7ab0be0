"""What a lab watches beyond packets and states, because somebody asks for it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from netlab.topology import units
from netlab.topology.model.base import Model, in_words
from netlab.topology.model.fields import Flag


def _interval(value: Any) -> float:
    seconds = units.duration(value)
    if seconds < 0.001:
        raise ValueError("the kernel is asked at most once a millisecond")
    return seconds


_INTERVAL_SCHEMA = {"type": "string", "pattern": units.DURATION_PATTERN, "examples": ["10ms"]}

Interval = Annotated[float, PlainValidator(in_words(_interval)), WithJsonSchema(_INTERVAL_SCHEMA)]


class Observe(Model):
    tcp_info: Interval | None = None
    """How often the stack is asked for cwnd, ssthresh, round trip times and RTO of connections."""

    variables: Flag = False
    """Netlab's own stack tells each change of its connections' control blocks (RFC 9293, 3.3.1)."""
