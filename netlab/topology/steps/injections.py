"""Packets that nobody else would send."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.filters import IcmpReply
from netlab.topology.steps.base import NodeStep
from netlab.topology.steps.sockets import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Inject(NodeStep):
    """Send an ICMP error about the last packet of ``connection`` that has passed the node.

    Or, with ``address``, a message that quotes nothing.
    """

    connection: str | None
    error: IcmpReply
    address: str | None = None


@dataclass(frozen=True, slots=True)
class SegmentNumber:
    """From the initial number on, or from what a segment in order would carry."""

    value: int
    is_relative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectSegment(NodeStep):
    """Send a segment of ``connection`` as if from one end to the other.

    ``flags`` are their names, such as ``ack``; ``window`` is in bytes, None as it was last.
    ``timestamp`` None leaves the option out.
    """

    connection: str
    to_opener: bool
    flags: tuple[str, ...]
    sequence: SegmentNumber
    acknowledgment: SegmentNumber
    timestamp: SegmentNumber | None
    window: int | None = None
    payload: Payload | None = None
    urgent: int | None = None
    mss: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay(NodeStep):
    """Send again the ``nth`` packet of ``connection`` that matched ``expression`` here."""

    connection: str
    expression: str
    nth: int


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension header of IPv6; ``body`` is what follows its length byte."""

    type: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectDatagram(NodeStep):
    """Send a UDP datagram made by hand, whole or as the bytes that each of ``fragments`` is."""

    address: str
    port: int
    local_port: int
    payload: Payload | None
    hop_limit: int = 64
    identification: int | None = None
    dont_fragment: bool = False
    flow_label: int = 0
    options: bytes = b""
    extensions: tuple[Extension, ...] = ()
    fragments: tuple[range, ...] = ()
