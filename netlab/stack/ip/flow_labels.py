"""Flow labels of IPv6: a flow keeps one that nobody can foretell (RFC 6437, 3)."""

from __future__ import annotations

from hashlib import blake2s
from random import Random
from struct import Struct

_MASK = 0xFFFFF
_PORTS = Struct("!BHH")
#: Flows whose label is remembered: it costs more to find than the rest of a header.
_MOST = 4096


class FlowLabels:
    def __init__(self, random: Random) -> None:
        self._secret = random.randbytes(16)
        self._known: dict[tuple[bytes, bytes, int, int, int], int] = {}

    def of(
        self,
        source: bytes,
        destination: bytes,
        protocol: int,
        source_port: int = 0,
        destination_port: int = 0,
    ) -> int:
        """Never 0, which is no label."""
        flow = source, destination, protocol, source_port, destination_port
        label = self._known.get(flow)
        if label is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            packed = b"".join((source, destination, _PORTS.pack(*flow[2:])))
            digest = blake2s(packed, digest_size=4, key=self._secret).digest()
            label = self._known[flow] = int.from_bytes(digest, "big") & _MASK or 1
        return label
