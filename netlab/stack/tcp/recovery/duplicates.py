from __future__ import annotations

#: Duplicate ACKs that mean a loss (RFC 5681, 3.2).
THRESHOLD = 3


class Duplicates:
    """What duplicate ACKs tell where the peer cannot say which bytes it has.

    Each says that one segment left the network. So what is in flight shrinks with each; that is
    the inflation of cwnd in RFC 6582, 3.2, and the limited transmit of RFC 3042.
    """

    __slots__ = ("_count", "departed", "partial")

    def __init__(self) -> None:
        self._count = 0
        #: Bytes that are not acknowledged and yet not in the network.
        self.departed = 0
        #: Whether a partial ACK came: more than one segment is missing.
        self.partial = False

    @property
    def enough(self) -> bool:
        return self._count >= THRESHOLD

    @property
    def any(self) -> bool:
        return self._count > 0

    def repeated(self, mss: int, in_flight: int) -> int:
        """A duplicate ACK: returns the bytes it shows to have arrived.

        Never more than are in flight, however many a peer sends.
        """
        self._count += 1
        size = max(min(mss, in_flight - self.departed), 0)
        self.departed += size
        return size

    def advanced(self, acked: int, mss: int) -> int:
        """A partial ACK: one segment filled the hole, of the rest duplicates had told."""
        told = min(self.departed, max(acked - mss, 0))
        self.departed -= told
        self.partial = True
        return acked - told

    def clear(self) -> None:
        self._count = self.departed = 0
        self.partial = False
