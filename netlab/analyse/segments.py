"""The segments of one TCP connection with numbers relative to each side's initial one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netlab.analyse.headers import SocketPair, is_fragment, socket_pair
from netlab.analyse.model import Transit
from netlab.analyse.sequence import SequenceSpace
from netlab.wire.tcp import Flags, Tcp


@dataclass(frozen=True, slots=True)
class Segment:
    """``sequence`` and ``acknowledgment`` as in Wireshark: a SYN has 0, the first byte of data 1.

    ``acknowledgment`` is None without the ACK flag. ``length`` is bytes of data.
    """

    transit: Transit
    forward: bool
    header: Tcp
    sequence: int
    acknowledgment: int | None
    length: int

    @property
    def end(self) -> int:
        """The sequence number behind the segment; SYN and FIN take one each."""
        return self.sequence + self.length + self.has(Flags.SYN) + self.has(Flags.FIN)

    @property
    def fin(self) -> int | None:
        """The sequence number of its FIN."""
        return self.end - 1 if self.has(Flags.FIN) else None

    @property
    def is_injected(self) -> bool:
        """Its sender knows nothing of it."""
        return self.transit.injected_by is not None

    @property
    def is_bare(self) -> bool:
        """Neither data nor SYN, FIN or RST: it only acknowledges."""
        return self.end == self.sequence and not self.has(Flags.RST)

    def has(self, flags: Flags) -> bool:
        return self.header.has(flags)


def segments(transits: Iterable[Transit], client: SocketPair) -> Iterator[Segment]:
    """``client`` is the pair as the client's own packets have it.

    Fragments are left out: their datagram counts where it was whole.
    """
    spaces: dict[bool, SequenceSpace] = {}
    for transit in transits:
        packet = transit.first.packet
        header = packet.tcp
        if header is None or is_fragment(packet):
            continue
        forward = socket_pair(packet) == client
        space = _space(spaces, forward, header, is_own=transit.injected_by is None)
        acknowledgment = None
        if header.has(Flags.ACK):
            peer = spaces.setdefault(not forward, SequenceSpace(header.acknowledgment - 1))
            acknowledgment = peer.relative(header.acknowledgment)
        yield Segment(
            transit,
            forward,
            header,
            space.relative(header.sequence),
            acknowledgment,
            len(packet.payload),
        )


def _space(
    spaces: dict[bool, SequenceSpace], forward: bool, header: Tcp, *, is_own: bool
) -> SequenceSpace:
    """The direction's numbers; without a SYN they are taken to start before the first segment."""
    is_syn = is_own and header.has(Flags.SYN)
    space = spaces.get(forward)
    if space is None or (is_syn and space.initial != header.sequence):
        space = spaces[forward] = SequenceSpace(header.sequence - (not is_syn))
    return space
