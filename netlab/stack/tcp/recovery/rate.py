from __future__ import annotations

from netlab.stack.tcp.recovery.congestion.protocol import Congestion
from netlab.stack.tcp.recovery.phases import PHASES, Happening, Reaction
from netlab.stack.tcp.recovery.progress import Phase
from netlab.stack.tcp.recovery.prr import RateReduction
from netlab.stack.tcp.recovery.scoreboard import Scoreboard
from netlab.stack.tcp.recovery.undo import Undo

REDUCED = frozenset({Phase.CWR, Phase.RECOVERY})
RECOVERING = frozenset({Phase.RECOVERY, Phase.LOSS})


class Rate:
    """What losses, congestion and ACKs mean for cwnd."""

    __slots__ = (
        "_board",
        "_full_to",
        "_prr",
        "_trip_end",
        "_trips",
        "congestion",
        "cwr_due",
        "phase",
        "recover",
        "undo",
    )

    def __init__(self, congestion: Congestion, board: Scoreboard) -> None:
        self.congestion = congestion
        self.phase = Phase.OPEN
        self.undo = Undo()
        self.cwr_due = False
        #: SND.NXT when cwnd was last lowered (RFC 6582, 3.2).
        self.recover = board.una
        self._board = board
        self._prr = RateReduction()
        #: SND.NXT when cwnd last was all used.
        self._full_to = board.una
        self._trips = 0
        self._trip_end = board.una

    def happened(
        self, now: int, happening: Happening, *, flight: int, arrived: int = 0, again: bool = False
    ) -> bool:
        """Returns whether that changed anything.

        ``flight`` is what was outstanding (RFC 5681, 2), ``arrived`` what of it the peer was
        known to have; ``again``: the RTO expired for data that it expired for before.
        """
        step = PHASES.get((self.phase, happening))
        if step is None:
            return False
        reaction, following = step
        if reaction is Reaction.COMPLETE:
            self.congestion.cwnd = self.congestion.ssthresh
        elif reaction is Reaction.UNDO:
            before = self.undo.take()
            if before is not None:
                self.congestion.restore(before)
        elif reaction is not Reaction.NONE:
            self._lower(now, reaction, following, min(flight, self.congestion.cwnd), again=again)
            self._prr.begin(flight - arrived)
        self.phase = following
        return True

    def sent(self, now: int, start: int, end: int, *, again: bool, is_full: bool) -> None:
        """``is_full``: cwnd lets no more like it leave."""
        if self.phase in REDUCED:
            self._prr.sent(end - start)
        if again:
            self.undo.sent_again(now, start, end)
        else:
            self.cwr_due = False
        if is_full:
            self._full_to = self._board.high

    def acknowledged(
        self,
        now: int,
        acked: int,
        *,
        delivered: int,
        in_flight: int,
        rtt: int | None,
        srtt: int | None,
        mss: int,
        safe: bool,
    ) -> None:
        """Lets cwnd grow if it was what held the sender back (RFC 7661), or brings it down."""
        board, congestion = self._board, self.congestion
        before = board.una - acked
        if board.una >= self._trip_end:
            self._trips += 1
            self._trip_end = board.high
        if self.phase in REDUCED:
            congestion.cwnd = in_flight + self._prr.allows(
                delivered, in_flight=in_flight, ssthresh=congestion.ssthresh, mss=mss, safe=safe
            )
            return
        if not acked:
            return
        slow_start = congestion.cwnd < congestion.ssthresh
        if before < self._full_to or (slow_start and 2 * (board.high - before) >= congestion.cwnd):
            congestion.on_ack(now, acked, rtt=rtt, srtt=srtt, trip=self._trips)

    def _lower(
        self, now: int, reaction: Reaction, following: Phase, flight: int, *, again: bool
    ) -> None:
        congestion, board = self.congestion, self._board
        self.cwr_due = True
        self.recover = board.high
        if following not in RECOVERING:
            self.undo.forget()
        elif self.phase not in RECOVERING or not self.undo.watches:
            self.undo.begin(congestion.standing())
        if reaction is Reaction.COLLAPSE:
            congestion.on_timeout(now, flight, again=again)
        else:
            congestion.on_congestion(now, flight)
        if reaction is Reaction.DROP:
            congestion.cwnd = congestion.ssthresh
