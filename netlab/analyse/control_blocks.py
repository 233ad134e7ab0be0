"""The control blocks that ends of netlab's own stack told of, sorted by connection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from netlab.analyse.model import ControlBlock
from netlab.analyse.spans import Span
from netlab.collect.events import Event

#: From here on a threshold limits nothing: ssthresh is as high as can be before the first loss.
_UNLIMITED = 1 << 62

#: Which sequence numbers count from ISS, and which from IRS.
_FROM_ISS = frozenset({"snd_una", "snd_nxt", "snd_up", "snd_wl2"})
_FROM_IRS = frozenset({"rcv_nxt", "rcv_up", "snd_wl1"})


class ControlBlocks:
    """All ``variables`` events of a run, asked for by endpoint pair."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._lives: dict[tuple[str | None, str, str], list[list[ControlBlock]]] = defaultdict(list)
        for event in events:
            if event.kind == "variables":
                self._take(event)

    def _take(self, event: Event) -> None:
        """Kept is what differs from before; of one instant what it was in the end."""
        block = _block(event.t, event.data["values"])
        lives = self._lives[event.node, event.data["local"], event.data["foreign"]]
        if not lives or lives[-1][-1].iss != block.iss:
            lives.append([])
        life = lives[-1]
        if life and life[-1].t == block.t:
            life.pop()
        if not life or replace(life[-1], t=block.t) != block:
            life.append(block)

    def of(self, node: str | None, pair: tuple[str, str], span: Span) -> tuple[ControlBlock, ...]:
        """``pair`` is local and foreign; what an end tells holds until it tells another."""
        lives = self._lives.get((node, *pair), [])
        ends = [*(life[0].t for life in lives[1:]), float("inf")]
        return tuple(
            block
            for life, end in zip(lives, ends, strict=False)
            if span.is_of(life[0].t, end)
            for block in life
        )


def relative(block: ControlBlock, name: str) -> int | None:
    """A variable as in Wireshark, where a SYN has 0; None where it means nothing yet.

    Sizes and times are as they are.
    """
    value: int | None = getattr(block, name)
    start = block.iss if name in _FROM_ISS else block.irs if name in _FROM_IRS else 0
    if value is None or start is None or value < start:
        return None
    if name == "snd_wl2" and value > block.snd_nxt:  # of a SYN without ACK
        return None
    return value - start


def is_sequence_number(name: str) -> bool:
    return name in _FROM_ISS or name in _FROM_IRS


def _block(t: int, values: Mapping[str, int]) -> ControlBlock:
    """IRS, RCV.NXT and the rest of the peer's numbers are 0 until its SYN has come."""
    ssthresh = values["ssthresh"]
    return ControlBlock(
        t=t,
        iss=values["ISS"],
        snd_una=values["SND.UNA"],
        snd_nxt=values["SND.NXT"],
        snd_wnd=values["SND.WND"],
        snd_up=values["SND.UP"],
        snd_wl1=values["SND.WL1"],
        snd_wl2=values["SND.WL2"],
        irs=values["IRS"] if values["RCV.NXT"] else None,
        rcv_nxt=values["RCV.NXT"],
        rcv_wnd=values["RCV.WND"],
        rcv_up=values["RCV.UP"],
        mss=values["MSS"],
        cwnd=values["cwnd"],
        ssthresh=ssthresh if ssthresh < _UNLIMITED else None,
        srtt=values["srtt"] or None,
        rttvar=values["rttvar"],
        rto=values["rto"],
        in_flight=values["in_flight"],
        backoffs=values["backoffs"],
    )
