"""What leaves, and when (RFC 9293, 3.7.4 and 3.8.6; RFC 3168)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from netlab.stack.tcp import arming, segments
from netlab.stack.tcp.outgoing import Outgoing
from netlab.stack.tcp.timers import Timer
from netlab.wire.states import State

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection

#: So many segments of one connection leave in a turn, then others have theirs.
BURST = 64
#: Segments that must follow one that is tried, or nobody would tell that it is lost.
_BEHIND = 4


@dataclass(slots=True)
class OutputState:
    """Of what was sent, all that is neither in the control block nor in recovery.

    ``force`` sends what the rules hold back, once; ``corked`` says that the user has more to send.
    ``probed`` counts probes of a closed window, ``timeouts`` those of retransmission since anything
    was acknowledged, the first at ``timed_out_at``. ``small_end`` is where the last small
    segment ended (profile.one_small_segment). With ``probe_due`` one segment leaves whatever cwnd
    says: new data, or else ``probe_again``. ``pushed`` has the ends of writes: there, PSH is set.
    """

    force: bool = False
    corked: bool = False
    probed: int = 0
    timeouts: int = 0
    timed_out_at: int = 0
    small_end: int = 0
    probe_due: bool = False
    probe_again: tuple[int, int] | None = None
    pushed: list[int] = field(default_factory=list)

    def is_pushed(self, end: int) -> bool:
        place = bisect_left(self.pushed, end)
        return place < len(self.pushed) and self.pushed[place] == end

    def acknowledged(self, number: int) -> None:
        if self.pushed and self.pushed[0] <= number:
            del self.pushed[: bisect_right(self.pushed, number)]


def written(c: Connection, start: int, *, more: bool) -> None:
    """The user wrote what begins at ``start``; what joins it in a segment is pushed with it."""
    pushed = c.output.pushed
    unsent = start - c.cb.snd_nxt
    if pushed and pushed[-1] == start and unsent > 0 and unsent % c.mss:
        pushed.pop()
    if not more:
        pushed.append(c.sending.end)
    c.output.corked = more


def send(c: Connection, now: int, out: list[Outgoing]) -> bool:
    """Append what may leave; whether more of it could, had the turn not ended."""
    if c.state is State.CLOSED:
        return False
    if not c.cb.syn_acknowledged:
        if c.timers[Timer.QUIET] is None and (c.syn_due or c.recovery.next_lost()):
            out.append(segments.syn(c, now))
            arming.user_timeout(c, now)
    else:
        if c.acks.due and c.receiving.has_blocks:
            # Blocks take room that full segments of data do not have.
            out.append(segments.acknowledgment(c, now))
        if c.cb.snd_una < c.sending.end or c.cb.fin is not None:
            turn = _Turn(c, now, out)
            turn.probe()
            turn.send_again()
            turn.send_new()
            if turn.left <= 0:
                return True
    if c.acks.due:
        out.append(segments.acknowledgment(c, now))
    return False


class _Turn:
    """One connection's turn to send."""

    __slots__ = ("c", "left", "limit", "mss", "now", "out")

    def __init__(self, c: Connection, now: int, out: list[Outgoing]) -> None:
        self.c = c
        self.now = now
        self.out = out
        self.left = BURST
        c.follow_path()
        self.mss = c.mss
        # Whoever cuts a segment later does not know that each piece points elsewhere.
        is_urgent = c.cb.snd_up > c.cb.snd_una
        self.limit = self.mss if is_urgent else c.path.send_limit(self.mss)

    def probe(self) -> None:
        """One segment asks whether the last ones arrived (RFC 8985, 7.3)."""
        c, state = self.c, self.c.output
        if not state.probe_due:
            return
        state.probe_due = False
        new = min(c.sending.end - c.cb.snd_nxt, c.cb.usable_window, self.mss)
        if new > 0:
            self._emit(c.cb.snd_nxt, new)
        elif state.probe_again is not None:
            start, end = state.probe_again
            start = max(start, end - self.mss, c.cb.snd_una)
            if start < end:
                self._emit_again(start, end)

    def send_again(self) -> None:
        """What is lost goes before anything new."""
        recovery = self.c.recovery
        while self.left > 0 and (lost := recovery.next_lost()):
            self.c.path.lost(self.now, *lost)
            start, end = lost[0], min(lost[1], lost[0] + self.limit)
            allowed = recovery.allowance(self.now)
            if allowed < min(end - start, self.mss):
                if recovery.in_flight > 0:
                    return
                allowed = self.mss
            if end - start > max(allowed, self.mss):
                end = start + max(allowed - allowed % self.mss, self.mss)
            self._emit_again(start, end)

    def send_new(self) -> None:
        c = self.c
        self._try_larger()
        while self.left > 0 and (size := self._next_size()) is not None:
            c.output.force = False
            self._emit(c.cb.snd_nxt, size)
        self._watch_window()

    def _try_larger(self) -> None:
        """One segment that the path may not carry (RFC 4821), where there is data for it."""
        c, cb = self.c, self.c.cb
        size = c.path.next_probe(self.now)
        if size is None:
            return
        size = min(size, cb.offered_mss) - (cb.mss - self.mss)
        room = min(c.sending.end - cb.snd_nxt, cb.usable_window, c.recovery.allowance(self.now))
        behind = _BEHIND * self.mss
        if self.mss < size <= room and size + behind <= c.sending.end - cb.snd_nxt:
            self._emit(cb.snd_nxt, size, mss=size)
            c.path.probing(cb.snd_nxt)

    def _next_size(self) -> int | None:
        """Bytes of the next segment, 0 for a FIN alone, None if nothing may leave."""
        c, cb = self.c, self.c.cb
        unsent = c.sending.end - cb.snd_nxt
        usable = max(cb.usable_window, 1 if c.output.force else 0)
        if unsent <= 0:
            return 0 if cb.fin == cb.snd_nxt and usable > 0 else None
        size = min(unsent, usable, self.limit)
        if size <= 0:
            return None
        allowed = c.recovery.allowance(self.now)
        if allowed < min(size, self.mss):
            if c.recovery.in_flight > 0:
                return None
            allowed = self.mss
        size = min(size, allowed)
        if size >= self.mss:
            return size - size % self.mss
        return size if self._may_be_small(size, unsent) else None

    def _may_be_small(self, size: int, unsent: int) -> bool:
        """Nagle's rule for the end of the data, and else the sender's against silly windows."""
        c, cb = self.c, self.c.cb
        if c.output.force or 2 * size >= cb.max_snd_wnd > 0:
            return True
        if size < unsent:
            if cb.snd_una == cb.snd_nxt:
                arming.override(c, self.now)
            return False
        if c.output.corked and cb.fin is None:
            if cb.snd_una == cb.snd_nxt:
                arming.override(c, self.now)
            return False
        if c.settings.nodelay or cb.fin is not None or cb.snd_up > cb.snd_nxt:
            return True
        held_by = c.output.small_end if c.profile.one_small_segment else cb.snd_nxt
        return held_by <= cb.snd_una

    def _watch_window(self) -> None:
        """A closed window with nothing on its way is asked from time to time."""
        c, cb = self.c, self.c.cb
        if cb.usable_window > 0:
            arming.window_opened(c)
        elif cb.snd_una == cb.snd_nxt and (c.sending.end > cb.snd_nxt or cb.fin == cb.snd_nxt):
            arming.persist(c, self.now)
        else:
            c.timers.stop(Timer.PERSIST)  # what is on its way asks

    def _emit(self, start: int, size: int, *, mss: int = 0) -> None:
        c = self.c
        end = start + size
        self.out.append(segments.data(c, self.now, start, end, mss or self.mss, is_new=True))
        if size < self.mss:
            c.output.small_end = end
        c.cb.snd_nxt = end + (c.cb.fin == end)
        c.recovery.sent(self.now, start, c.cb.snd_nxt, is_trial=mss > self.mss)
        c.acks.data_sent(self.now)
        arming.user_timeout(c, self.now)
        self.left -= 1

    def _emit_again(self, start: int, end: int) -> None:
        c = self.c
        data_end = min(end, c.sending.end)
        self.out.append(segments.data(c, self.now, start, data_end, self.mss, is_new=False))
        with_fin = c.cb.fin == data_end and c.cb.snd_nxt > data_end
        c.recovery.sent(self.now, start, data_end + with_fin)
        self.left -= 1
