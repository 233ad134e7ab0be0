"""How much a connection may send, and what it must send again."""

from __future__ import annotations

from collections.abc import Sequence

from netlab.stack.tcp.recovery.congestion.protocol import Congestion
from netlab.stack.tcp.recovery.limits import Limits
from netlab.stack.tcp.recovery.progress import Expired, Phase, Progress, Range, Timeout
from netlab.stack.tcp.recovery.rtt import RoundTrip
from netlab.stack.tcp.recovery.scoreboard import Scoreboard, Segment

#: Duplicate ACKs that mean a loss (RFC 5681, 3.2).
DUPLICATES = 3


class Recovery:
    """Loss detection and congestion control of one connection.

    Sequence numbers are unwrapped, times nanoseconds, amounts bytes. The connection calls
    ``sent`` for all that occupies sequence space, SYN and FIN too, ``acknowledged`` for each
    acceptable ACK, and ``established`` once options are negotiated. It sends ``next_lost`` before
    new data, both within ``allowance``.
    """

    __slots__ = (
        "_cwr_due",
        "_duplicates",
        "_limits",
        "_recover",
        "_rto_at",
        "_rtt",
        "_scoreboard",
        "_syn_lost",
        "_synchronized",
        "congestion",
        "mss",
        "phase",
        "sack",
    )

    def __init__(
        self, *, congestion: Congestion, mss: int, profile: Limits, sack: bool, start: int
    ) -> None:
        self.congestion = congestion
        self.mss = mss
        self.sack = sack
        self.phase = Phase.OPEN
        self._limits = profile
        self._rtt = RoundTrip(profile)
        self._scoreboard = Scoreboard(start)
        self._duplicates = 0
        #: SND.NXT when the present phase began (RFC 6582, 3.2: recover).
        self._recover = start
        self._rto_at: int | None = None
        self._cwr_due = False
        self._synchronized = self._syn_lost = False

    def established(self, *, mss: int, sack: bool) -> None:
        """The SYN is acknowledged and options are negotiated: sets the initial window.

        RFC 6928, 2; one segment if a SYN was lost (RFC 5681, 3.1).
        """
        self.mss, self.sack = mss, sack
        self._synchronized = True
        window = self._initial_window()
        if self._syn_lost:
            window = mss
            self._rtt.begin_after_lost_syn()
        self.congestion.begin(mss, window)

    def sent(self, now: int, start: int, end: int) -> None:
        """Bytes from ``start`` to ``end`` left, for the first time or again."""
        repeated = self._scoreboard.sent(now, start, end)
        if not repeated:
            self._cwr_due = False
        if self._rto_at is None:
            self._rto_at = now + self._rtt.rto

    def acknowledged(
        self,
        now: int,
        una: int,
        blocks: Sequence[Range] = (),
        *,
        echoed_ns: int | None = None,
        ece: bool = False,
        is_duplicate: bool = False,
        more: bool = False,
    ) -> Progress:
        """Takes an ACK in.

        ``blocks`` are the peer's, in its order; ``echoed_ns`` is when the timestamp it echoes was
        set; ``is_duplicate`` as RFC 5681, 2 defines it; ``more`` says that unsent data waits
        that the peer's window permits.
        """
        board = self._scoreboard
        flight = board.high - board.una
        acked = max(una - board.una, 0)
        arrived = board.acknowledge(una)
        sacked_before = board.sacked
        arrived += board.select(blocks) if blocks else []
        if acked:
            self._rtt.advanced()
            self._rto_at = now + self._rtt.rto if board.high > una else None
        self._measure(now, arrived, echoed_ns)
        entered, lost = None, 0
        if acked:
            entered, lost = self._advanced(now, una, acked, flight)
        elif is_duplicate:
            entered, lost = self._duplicated(now, una)
        return Progress(acked, max(board.sacked - sacked_before, 0), lost, None, entered)

    def next_lost(self) -> Range | None:
        """What to send again first."""
        return self._scoreboard.next_lost()

    def allowance(self, now: int) -> int:
        """Bytes that may leave now.

        Each duplicate ACK took a segment out of the network, so limited transmit (RFC 3042) and
        the inflation of RFC 6582 are in it.
        """
        return max(self.congestion.cwnd - self.in_flight, 0)

    def next_timeout(self) -> int | None:
        return self._rto_at

    def handle_timeout(self, now: int) -> Timeout | None:
        """What expired at ``now``, if anything did."""
        if self._rto_at is None or now < self._rto_at:
            return None
        board = self._scoreboard
        self._rtt.expired()
        self._rto_at = now + self._rtt.rto
        again = self.phase is Phase.LOSS
        if self._synchronized:
            self.congestion.on_timeout(now, board.in_flight, again=again)
        else:
            self._syn_lost = True
        board.lose_all()
        self._duplicates = 0
        self._recover = board.high
        self.phase = Phase.LOSS
        return Timeout(Expired.RTO, board.next_lost())

    @property
    def cwr_due(self) -> bool:
        """Whether the next new data carries CWR (RFC 3168, 6.1.2)."""
        return self._cwr_due

    @property
    def cwnd(self) -> int:
        return self.congestion.cwnd

    @property
    def ssthresh(self) -> int:
        return self.congestion.ssthresh

    @property
    def srtt(self) -> int | None:
        return self._rtt.srtt

    @property
    def rttvar(self) -> int:
        return self._rtt.rttvar

    @property
    def rto(self) -> int:
        return self._rtt.rto

    @property
    def backoffs(self) -> int:
        return self._rtt.backoffs

    @property
    def in_flight(self) -> int:
        return max(self._scoreboard.in_flight - self._duplicates * self.mss, 0)

    def _initial_window(self) -> int:
        segments = self._limits.initial_window
        return min(segments * self.mss, max(2 * self.mss, segments * 1460))

    def _measure(self, now: int, arrived: list[Segment], echoed_ns: int | None) -> None:
        """Karn's rule: what was sent twice tells no time (RFC 6298, 3), unless it is echoed."""
        times = [segment.sent_at for segment in arrived if not segment.retransmitted]
        if times and len(times) == len(arrived):
            self._rtt.measured(now - min(times))
        elif arrived and echoed_ns is not None:
            self._rtt.measured(max(now - echoed_ns, 0))

    def _advanced(self, now: int, una: int, acked: int, flight: int) -> tuple[Phase | None, int]:
        self._duplicates = 0
        if self.phase in {Phase.OPEN, Phase.DISORDER}:
            self.phase = Phase.OPEN
        elif una >= self._recover:  # RFC 6582, 3.2: full acknowledgment
            if self.phase is Phase.RECOVERY:
                self.congestion.cwnd = self.ssthresh
            self.phase = Phase.OPEN
            return Phase.OPEN, 0
        elif self.phase is Phase.RECOVERY:  # partial acknowledgment: the next one is lost too
            return None, self._scoreboard.lose_first(self.mss)
        if self._synchronized and 2 * flight >= self.cwnd:
            self.congestion.on_ack(now, acked, rtt=None, srtt=self.srtt)
        return None, 0

    def _duplicated(self, now: int, una: int) -> tuple[Phase | None, int]:
        board = self._scoreboard
        if board.in_flight > self._duplicates * self.mss:
            self._duplicates += 1
        if self.phase is Phase.OPEN:
            self.phase = Phase.DISORDER
        if self.phase is not Phase.DISORDER or self._duplicates < DUPLICATES or una < self._recover:
            return None, 0
        self.congestion.on_congestion(now, board.high - board.una)
        self.congestion.cwnd = self.ssthresh
        self._recover = board.high
        self.phase = Phase.RECOVERY
        return Phase.RECOVERY, board.lose_first(self.mss)
