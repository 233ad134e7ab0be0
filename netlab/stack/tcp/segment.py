"""A segment as it arrives, in the numbers of the connection (RFC 9293, 3.3.1: SEG.*)."""

from __future__ import annotations

from netlab.stack.tcp.ranges import Range
from netlab.stack.tcp.sequence import unwrap
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import Sack, Timestamps

#: As plain integers: the operators of Flags take several times as long.
FIN, SYN, RST, PSH, ACK, URG = (
    int(f) for f in (Flags.FIN, Flags.SYN, Flags.RST, Flags.PSH, Flags.ACK, Flags.URG)
)
ECE, CWR = int(Flags.ECE), int(Flags.CWR)

Payload = bytes | memoryview


class Segment:
    """``sequence`` and ``acknowledgment`` are unwrapped; ``window`` is scaled.

    ``start`` is the number of the first byte of ``payload``, ``end`` the one after the last
    number that the segment occupies, SYN and FIN included.
    """

    __slots__ = (
        "acknowledgment",
        "blocks",
        "congestion_experienced",
        "flags",
        "header",
        "payload",
        "sequence",
        "timestamps",
        "window",
    )

    def __init__(
        self,
        header: Tcp,
        payload: Payload,
        *,
        near_sequence: int | None,
        near_acknowledgment: int,
        shift: int,
        ecn: int = 0,
    ) -> None:
        """``near_sequence`` is RCV.NXT, or None before it is known; the other is SND.UNA."""
        self.header = header
        self.flags = flags = int(header.flags)
        self.payload = payload
        self.sequence = (
            header.sequence if near_sequence is None else unwrap(header.sequence, near_sequence)
        )
        self.acknowledgment = unwrap(header.acknowledgment, near_acknowledgment)
        self.window = header.window if flags & SYN else header.window << shift
        self.congestion_experienced = ecn == 3
        self.timestamps: Timestamps | None = None
        self.blocks: tuple[Range, ...] = ()
        for option in header.options:
            if isinstance(option, Timestamps):
                self.timestamps = self.timestamps or option
            elif isinstance(option, Sack):
                self.blocks = tuple(
                    (unwrap(left, near_acknowledgment), unwrap(right, near_acknowledgment))
                    for left, right in option.blocks
                )

    @property
    def start(self) -> int:
        return self.sequence + (self.flags >> 1 & 1)

    @property
    def length(self) -> int:
        """SEG.LEN."""
        return len(self.payload) + (self.flags >> 1 & 1) + (self.flags & 1)

    @property
    def end(self) -> int:
        return self.sequence + self.length

    def trim(self, start: int, end: int) -> None:
        """Cut off what lies outside of a window, SYN and FIN included (RFC 9293, 3.10.7.4)."""
        if start <= self.sequence and self.end <= end:
            return
        if self.flags & SYN and self.sequence < start:
            self.flags &= ~SYN
            self.sequence += 1
        if self.sequence < start:
            kept = min(start - self.sequence, len(self.payload))
            self.payload = self.payload[kept:]
            self.sequence += kept
        if self.end > end and self.flags & FIN:
            self.flags &= ~FIN
        if self.end > end:
            self.payload = self.payload[: max(0, end - self.start)]
