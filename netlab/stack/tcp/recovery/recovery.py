"""How much a connection may send, and what it must send again."""

from __future__ import annotations

from collections.abc import Sequence

from netlab.stack.tcp.ranges import Range
from netlab.stack.tcp.recovery.arrival import Arrival
from netlab.stack.tcp.recovery.congestion.protocol import Congestion
from netlab.stack.tcp.recovery.counting import Counting
from netlab.stack.tcp.recovery.duplicates import Duplicates
from netlab.stack.tcp.recovery.frto import Frto, Verdict
from netlab.stack.tcp.recovery.limits import Limits
from netlab.stack.tcp.recovery.phases import Happening
from netlab.stack.tcp.recovery.progress import Expired, Phase, Progress, Timeout
from netlab.stack.tcp.recovery.rack import Rack
from netlab.stack.tcp.recovery.rate import RECOVERING, REDUCED, Rate
from netlab.stack.tcp.recovery.rtt import RoundTrip
from netlab.stack.tcp.recovery.sack import told_twice
from netlab.stack.tcp.recovery.scoreboard import Fate, Scoreboard
from netlab.stack.tcp.recovery.timers import Timers
from netlab.stack.tcp.recovery.tlp import LossProbe


class Recovery:
    """Loss detection and congestion control of one connection.

    Sequence numbers are unwrapped, times nanoseconds, amounts bytes. The connection calls
    ``sent`` for all that occupies sequence space, SYN and FIN too, ``acknowledged`` for each
    acceptable ACK, and ``established`` once options are negotiated. It sends ``next_lost`` before
    new data, both within ``allowance``, and retransmissions never with ECT (RFC 3168, 6.1.5).
    """

    __slots__ = (
        "_board",
        "_by_time",
        "_counting",
        "_duplicates",
        "_frto",
        "_grant",
        "_limits",
        "_probe",
        "_rack",
        "_rate",
        "_rtt",
        "_sent_at",
        "_syn_lost",
        "_synchronized",
        "_trial",
        "mss",
        "retransmissions",
        "retransmits",
        "sack",
        "timers",
    )

    def __init__(
        self, *, congestion: Congestion, mss: int, profile: Limits, sack: bool, start: int
    ) -> None:
        self.mss = mss
        self.sack = sack
        #: How often the RTO expired since SND.UNA advanced.
        self.retransmits = 0
        #: How many segments were sent again since the connection began.
        self.retransmissions = 0
        self._limits = profile
        self._board = Scoreboard(start)
        self._rate = Rate(congestion, self._board)
        self._rtt = RoundTrip(profile)
        self._rack = Rack(self._rtt, profile, start)
        self._counting = Counting(start)
        self._probe = LossProbe(profile)
        self._frto = Frto()
        self._duplicates = Duplicates()
        self.timers = Timers()
        #: Bytes that may leave whatever cwnd is: what a timer or F-RTO asks for.
        self._grant = 0
        self._sent_at = 0
        self._trial: Range | None = None
        self._synchronized = self._syn_lost = self._by_time = False

    def established(self, *, mss: int, sack: bool) -> None:
        """The SYN is acknowledged and options are negotiated: sets the initial window.

        RFC 6928, 2; one segment if a SYN was lost (RFC 5681, 3.1).
        """
        self.mss, self.sack = mss, sack
        self._synchronized = True
        self._by_time = sack and self._limits.by_time
        if self._syn_lost:
            self._rtt.begin_after_lost_syn()
        self._rate.congestion.begin(mss, self._first_window())

    def change_congestion(self, congestion: Congestion) -> None:
        """Another algorithm goes on with the same window."""
        before = self._rate.congestion
        congestion.begin(self.mss, before.cwnd)
        congestion.ssthresh = before.ssthresh
        self._rate.congestion = congestion

    def path_shrunk(self, mss: int) -> None:
        """Segments became smaller, and some in flight too large: that is no congestion."""
        self._board.lose_longer(mss)
        self.mss = mss
        self._rate.congestion.resize(mss)

    def sent(self, now: int, start: int, end: int, *, is_trial: bool = False) -> None:
        """Bytes from ``start`` to ``end`` left, for the first time or again.

        ``is_trial``: in one segment that the path may be too small for, so that its loss, where
        the peer can tell of it by SACK, is no congestion (RFC 4821, 7.7).
        """
        board, rate, timers = self._board, self._rate, self.timers
        again = start < board.high
        if is_trial:
            self._trial = (start, end)
        if again:
            self.retransmissions += self.segments(min(end, board.high) - start)
        board.sent(now, start, end)
        is_full = rate.congestion.cwnd - self.in_flight < max(self.mss, end - start)
        rate.sent(now, start, end, again=again, is_full=is_full)
        self._probe.sent(board.high, is_retransmission=again)
        if self._grant:
            self._grant = max(self._grant - (end - start), 0)
        self._sent_at = now
        if timers.rto is None or (again and start <= board.una):
            timers.rto = now + self._rtt.rto
        if not again:
            self._arm_probe(now)

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
        board, rate, phase = self._board, self._rate, self._rate.phase
        arrival = Arrival(now, is_duplicate=is_duplicate, echoed_ns=echoed_ns, more=more)
        arrival.flight = board.high - board.una
        arrival.known = board.sacked + self._duplicates.departed
        arrival.acked = max(una - board.una, 0)
        arrival.ordered = board.acknowledge(una)
        if blocks and self.sack:
            arrival.twice = told_twice(una, blocks)
            arrival.selected = board.select(blocks)
        rtt = self._measure(arrival)
        if arrival.acked:
            self._restart(now)
        sacked = sum([segment.size for segment in arrival.selected])
        delivered = self._delivered(arrival) + sacked
        undone = self._look_back(arrival)
        self._look_whether_covered(arrival)
        lost = self._look_for_losses(arrival)
        if self._probe.outstanding and self._probe.answered(
            board.una, arrival.twice, is_plain_duplicate=is_duplicate and not blocks
        ):
            self._happened(arrival, Happening.LOSS_REPAIRED)
        if ece and board.una > rate.recover:
            self._happened(arrival, Happening.CONGESTION_EXPERIENCED)
        safe = arrival.acked > 0 and not lost
        # The ACK that ends a reduction leaves cwnd at ssthresh (RFC 6582, 3.2, step 3).
        growing = 0 if phase in REDUCED else arrival.acked
        self._adjust(now, acked=growing, delivered=delivered, rtt=rtt, safe=safe)
        if arrival.acked or board.sacked:
            self._arm_probe(now)
        entered = rate.phase if rate.phase is not phase else None
        return Progress(arrival.acked, sacked, tuple(lost), arrival.twice, entered, undone)

    def next_lost(self) -> Range | None:
        """What to send again first."""
        return None if self._frto.probing else self._board.next_lost()

    def allowance(self, now: int) -> int:
        """Bytes that may leave now.

        What duplicate ACKs and SACK blocks tell of is not in flight any more, so limited
        transmit (RFC 3042) and the inflation of RFC 6582 are in it.
        """
        board, congestion = self._board, self._rate.congestion
        if board.high == board.una and now - self._sent_at > self._rtt.rto:
            if self._synchronized:
                congestion.on_idle(now, self._initial_window())
            self._sent_at = now
        return max(congestion.cwnd - self.in_flight, self._grant)

    def next_timeout(self) -> int | None:
        return self.timers.next()

    def handle_timeout(self, now: int) -> Timeout | None:
        """What expired at ``now``, if anything did; of several, one a call."""
        expired = self.timers.expired(now)
        if expired is Expired.REORDERING:
            return self._give_up_waiting(now)
        if expired is Expired.PROBE:
            return self._send_probe(now)
        if expired is Expired.RTO:
            return self._time_out(now)
        return None

    def _happened(self, arrival: Arrival, happening: Happening) -> bool:
        return self._rate.happened(
            arrival.now, happening, flight=arrival.flight, arrived=arrival.known
        )

    def _adjust(self, now: int, *, acked: int, delivered: int, rtt: int | None, safe: bool) -> None:
        self._rate.acknowledged(
            now,
            acked,
            delivered=delivered,
            in_flight=self.in_flight,
            rtt=rtt,
            srtt=self._rtt.srtt,
            mss=self.mss,
            safe=safe,
        )

    def _restart(self, now: int) -> None:
        """SND.UNA advanced (RFC 6298, 5.2 and 5.3).

        Where one segment a round trip is repaired, only the first restarts the timer, lest a
        window of losses takes as many round trips (RFC 6582, 3.2).
        """
        self.retransmits = 0
        board = self._board
        if board.high == board.una:
            self.timers.rto = None
        elif self.sack or not self._duplicates.partial:
            self.timers.rto = now + self._rtt.rto

    def _measure(self, arrival: Arrival) -> int | None:
        """Takes round trips from what arrived; returns the one of what was sent last.

        What was sent twice tells none (Karn's rule: RFC 6298, 3), unless a timestamp is echoed.
        A copy that came too late changes no echo (RFC 7323, 5.3), so an ACK of one tells none.
        """
        now, arrived, echoed = arrival.now, arrival.in_order(), arrival.echoed_ns
        if not arrived:
            return None
        once = [segment.sent_at for segment in arrived if not segment.retransmitted]
        latest = None
        if once:
            latest = now - max(once)
            self._rtt.seen(now, latest)
        if len(once) == len(arrived):
            self._rtt.measured(now, now - min(once))
        elif arrival.ordered and echoed is not None and arrival.twice is None:
            self._rtt.measured(now, max(now - echoed, 0))
        if self.sack:
            self._rack.arrived(now, arrived, echoed)
        return latest

    def _delivered(self, arrival: Arrival) -> int:
        """How many bytes the ACK shows to have arrived, those it selects not counted."""
        duplicates, acked = self._duplicates, arrival.acked
        if self.sack:
            return sum([segment.size for segment in arrival.ordered])
        if acked and self._rate.phase is Phase.RECOVERY:
            return duplicates.advanced(acked, self.mss)
        if acked:
            duplicates.clear()
        elif arrival.is_duplicate and self._rate.phase is not Phase.LOSS:
            return duplicates.repeated(self.mss, self._board.in_flight)
        return acked

    def _look_back(self, arrival: Arrival) -> bool:
        """Whether this ACK shows that nothing had been lost."""
        undo, board = self._rate.undo, self._board
        if arrival.echoed_ns is not None and arrival.ordered:
            before = arrival.echoed_ns + self._limits.timestamp_tick
            undo.acknowledged(arrival.ordered, before)
        if arrival.twice is not None and undo.sent_twice(arrival.twice):
            self._rack.sent_twice(board.una, board.high)
        asks = self._frto.asks and self._rate.phase is Phase.LOSS
        if undo.needless or (asks and arrival.tells and self._was_spurious(arrival)):
            self._board.lose_none()
            self._rack.forget()
            self._frto.end()
            return self._happened(arrival, Happening.NEEDLESS)
        return False

    def _was_spurious(self, arrival: Arrival) -> bool:
        """Whether the timeout was, if F-RTO can tell now."""
        rate, frto = self._rate, self._frto
        if self._board.una >= rate.recover:  # RFC 5682, 2.1, step 2a
            frto.end()
            return False
        original = arrival.shows_originals(rate.recover, sack=self.sack)
        probing = frto.probing
        verdict = frto.judge(advanced=arrival.acked > 0, more=arrival.more, original=original)
        if verdict is Verdict.OPEN:
            self._grant = 2 * self.mss
        elif probing and verdict is Verdict.REAL:  # step 3a
            rate.congestion.cwnd = min(rate.congestion.cwnd, 3 * self.mss)
        return verdict is Verdict.SPURIOUS

    def _look_whether_covered(self, arrival: Arrival) -> None:
        """Whether the phase ends: all that was sent when it began is acknowledged.

        For CWR, more than that: the peer has seen the flag (RFC 3168, 6.1.2).
        """
        rate, una = self._rate, self._board.una
        if rate.phase is Phase.OPEN or una < rate.recover:
            return
        if una == rate.recover and rate.phase is Phase.CWR:
            return
        if rate.phase in RECOVERING:
            self._rack.recovered()
            self._duplicates.clear()
            self._frto.end()
        self._happened(arrival, Happening.COVERED)

    def _look_for_losses(self, arrival: Arrival) -> list[Range]:
        if not self.sack:
            lost = self._told_by_duplicates(arrival.acked)
        elif self._by_time:
            lost = self._overdue(arrival.now)
        else:
            lost = self._counting.detect(self._board, self.mss)
        if lost and self._is_congestion(lost):
            self._happened(arrival, Happening.LOSS)
        elif self._board.sacked or self._duplicates.any:
            self._happened(arrival, Happening.DISORDER)
        elif self._rate.phase is not Phase.OPEN:
            self._happened(arrival, Happening.ORDER)
        return lost

    def _overdue(self, now: int) -> list[Range]:
        recovering = self._rate.phase in RECOVERING
        lost, wait = self._rack.detect(now, self._board, recovering=recovering)
        self.timers.reordering = now + wait if wait else None
        return lost

    def _is_congestion(self, lost: list[Range]) -> bool:
        """Whether more is lost than the trial of a larger segment."""
        trial = self._trial
        if trial is None or not self.sack:
            return True
        others = [at for at in lost if not trial[0] <= at[0] < trial[1]]
        if len(others) < len(lost):
            self._trial = None
        return bool(others)

    def _told_by_duplicates(self, acked: int) -> list[Range]:
        """What the third duplicate ACK, or a partial one, shows to be lost (RFC 6582, 3.2)."""
        rate, board = self._rate, self._board
        if rate.phase is Phase.RECOVERY:
            return board.lose_first(self.mss) if acked else []
        if rate.phase is Phase.LOSS or not self._duplicates.enough or board.una <= rate.recover:
            return []
        return board.lose_first(self.mss)

    def _give_up_waiting(self, now: int) -> Timeout | None:
        board, rate = self._board, self._rate
        lost = self._overdue(now)
        if not lost:
            return None
        if self._is_congestion(lost):
            flight = board.high - board.una
            rate.happened(now, Happening.LOSS, flight=flight, arrived=board.sacked)
        self._adjust(now, acked=0, delivered=0, rtt=None, safe=False)
        return Timeout(Expired.REORDERING)

    def _send_probe(self, now: int) -> Timeout:
        self.timers.probe = None
        self.timers.rto = now + self._rtt.rto
        self._probe.want()
        self._grant = self.mss
        last = self._board.last
        assert last is not None
        return Timeout(Expired.PROBE, (max(last.start, last.end - self.mss), last.end))

    def _time_out(self, now: int) -> Timeout:
        board, rate, timers = self._board, self._rate, self.timers
        again = rate.phase is Phase.LOSS and self.retransmits > 0
        if self._synchronized and (again or rate.phase not in RECOVERING):
            self._frto.begin()
        else:
            self._frto.end()
        self._rtt.expired()
        self.retransmits += 1
        timers.rto = now + self._rtt.rto
        timers.probe = timers.reordering = None
        self._probe.abandon()
        self._duplicates.clear()
        if board.first is not None and board.first.fate is Fate.SACKED:
            board.distrust_selections()  # RFC 2018, 8
        if self._synchronized:
            flight = board.high - board.una
            rate.happened(now, Happening.TIMEOUT, flight=flight, again=again)
        else:
            self._syn_lost = True
        if self._by_time:
            self._rack.timed_out(now, board)
        else:
            board.lose_all()
        self._grant = self.mss
        return Timeout(Expired.RTO, board.next_lost())

    def _arm_probe(self, now: int) -> None:
        """RFC 8985, 7.2: not in recovery, nothing selectively acknowledged, one at a time."""
        board, timers = self._board, self.timers
        if (
            timers.rto is None
            or not (self._by_time and self._limits.loss_probes)
            or board.sacked
            or self._rate.phase in RECOVERING
            or self._probe.outstanding
        ):
            timers.probe = None
            return
        one_segment = board.high - board.una <= self.mss
        at = now + self._probe.delay(self._rtt.srtt, one_segment=one_segment)
        timers.probe = min(timers.rto, at)

    def _first_window(self) -> int:
        return self.mss if self._syn_lost else self._initial_window()

    def _initial_window(self) -> int:
        segments = self._limits.initial_window
        return min(segments * self.mss, max(2 * self.mss, segments * 1460))

    @property
    def phase(self) -> Phase:
        return self._rate.phase

    @property
    def cwr_due(self) -> bool:
        """Whether the next new data carries CWR, where ECN is in use (RFC 3168, 6.1.2)."""
        return self._rate.cwr_due

    @property
    def cwnd(self) -> int:
        """Before the connection is established, what it would begin with."""
        return self._rate.congestion.cwnd if self._synchronized else self._first_window()

    @property
    def ssthresh(self) -> int:
        return self._rate.congestion.ssthresh

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
        """What is in the network: sent, and neither acknowledged nor lost, in bytes."""
        return max(self._board.in_flight - self._duplicates.departed, 0)

    @property
    def outstanding(self) -> int:
        """What is sent and not acknowledged cumulatively, in bytes."""
        return self._board.high - self._board.una

    @property
    def sacked(self) -> int:
        """What of it the peer is known to have, in bytes: duplicate ACKs tell of that, too."""
        return self._board.sacked + self._duplicates.departed

    @property
    def lost(self) -> int:
        """What is taken for lost and not sent again, in bytes."""
        return self._board.lost

    @property
    def in_flight_again(self) -> int:
        """What of that in flight was sent more than once, in bytes."""
        return sum(segment.size for segment in self._board.by_age() if segment.retransmitted)

    def segments(self, size: int) -> int:
        """How many full segments so many bytes take."""
        return -(-size // self.mss)
