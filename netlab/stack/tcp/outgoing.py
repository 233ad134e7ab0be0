"""A segment on its way to IP."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.wire.tcp import Tcp


@dataclass(frozen=True, slots=True)
class Outgoing:
    """``ecn`` and ``dscp`` are the fields of IP.

    ``payload`` longer than ``segment_size`` is to be cut into segments of that many bytes, each
    with a copy of ``header``, its sequence number advanced; FIN and PSH stand on the last of them
    only, CWR on the first.
    """

    source: bytes
    destination: bytes
    header: Tcp
    payload: bytes | memoryview = b""
    segment_size: int = 0
    ecn: int = 0
    dscp: int = 0
    hop_limit: int = 64
    discovery: PathMtuDiscovery = PathMtuDiscovery.WANT
