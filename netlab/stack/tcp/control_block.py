"""The transmission control block (RFC 9293, 3.3.1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class ControlBlock:
    """The variables by their names in the RFC, unwrapped, in bytes.

    ``max_snd_wnd`` is RFC 5961's; ``snd_shift`` and ``rcv_shift`` are RFC 7323's, as are
    ``ts_recent`` (the peer's value, None without timestamps), ``ts_recent_at`` (ns) and
    ``last_ack_sent``. ``rcv_adv`` is the right edge of the window that the peer was told.
    ``fin`` is the number of our FIN once the user closed. ``mss`` is what fits into a segment to
    the peer without options, ``offered_mss`` what the peer's SYN said.
    """

    iss: int
    snd_una: int
    snd_nxt: int
    snd_wnd: int = 0
    snd_wl1: int = 0
    snd_wl2: int = 0
    snd_up: int = 0
    max_snd_wnd: int = 0
    irs: int = 0
    rcv_nxt: int = 0
    rcv_adv: int = 0
    rcv_up: int = 0
    snd_shift: int = 0
    rcv_shift: int = 0
    mss: int = 536
    offered_mss: int = 536
    sack: bool = False
    scaling: bool = False
    ecn: bool = False
    timestamps: bool = False
    ts_recent: int = 0
    ts_recent_at: int = 0
    last_ack_sent: int = 0
    fin: int | None = None

    @property
    def rcv_wnd(self) -> int:
        return max(0, self.rcv_adv - self.rcv_nxt)

    @property
    def usable_window(self) -> int:
        """How many numbers from SND.NXT on the peer takes; less than 0 after it shrank."""
        return self.snd_una + self.snd_wnd - self.snd_nxt

    @property
    def fin_acknowledged(self) -> bool:
        return self.fin is not None and self.snd_una > self.fin

    @property
    def syn_acknowledged(self) -> bool:
        return self.snd_una > self.iss

    def update_window(self, sequence: int, acknowledgment: int, window: int) -> bool:
        """Take the peer's window from a segment unless it is an old one; whether it was taken."""
        old = sequence < self.snd_wl1
        if old or (sequence == self.snd_wl1 and acknowledgment < self.snd_wl2):
            return False
        self.snd_wnd = window
        self.snd_wl1, self.snd_wl2 = sequence, acknowledgment
        self.max_snd_wnd = max(self.max_snd_wnd, window)
        return True
