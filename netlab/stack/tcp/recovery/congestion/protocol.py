from __future__ import annotations

from typing import Protocol, TypeAlias

#: What a reduction changes, as numbers of which more is better; of each algorithm its own.
Standing: TypeAlias = tuple[int, ...]


class Congestion(Protocol):
    """How much may be in flight; everything counts bytes, times are nanoseconds.

    Recovery decides *when* there was congestion; a Congestion what that means for cwnd.
    """

    name: str
    cwnd: int
    ssthresh: int

    def begin(self, mss: int, window: int) -> None:
        """The connection is established: ``window`` is the initial cwnd."""

    def resize(self, mss: int) -> None:
        """The size of segments changed."""

    def on_ack(self, now: int, acked: int, *, rtt: int | None, srtt: int | None, trip: int) -> None:
        """``acked`` bytes arrived while cwnd was what held the sender back.

        ``rtt`` is what this ACK measured, ``trip`` counts round trips.
        """

    def on_congestion(self, now: int, flight: int) -> None:
        """Lowers ssthresh; cwnd is brought down to it by recovery (RFC 6937)."""

    def on_timeout(self, now: int, flight: int, *, again: bool) -> None:
        """Lowers ssthresh, unless the timer expired ``again``, and sets cwnd to one segment."""

    def on_idle(self, now: int, window: int) -> None:
        """Nothing was sent for longer than the RTO: no more than ``window`` goes at once."""

    def standing(self) -> Standing:
        """How things are before a reduction."""

    def restore(self, standing: Standing) -> None:
        """The reduction was needless; cwnd does not become smaller by that."""
