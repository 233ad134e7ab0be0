"""The control blocks that ends of netlab's own stack told of, sorted by connection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from netlab.analyse.model import ControlBlock
from netlab.analyse.spans import Span
from netlab.collect.events import Event
from netlab.stack.tcp.variables import VARIABLES, Kind, Variable

#: From here on a threshold limits nothing: ssthresh is as high as can be before the first loss.
_UNLIMITED = 1 << 62


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


def relative(block: ControlBlock, variable: Variable) -> int | None:
    """A sequence number as in Wireshark, where a SYN has 0; the rest as it is.

    Of a timer it is the time left. None where it means nothing yet, and of a timer that is off.
    """
    value: int | None = getattr(block, variable.field)
    if variable.kind is Kind.TIMER:
        return None if value is None else max(0, value - block.t)
    start = {Kind.FROM_ISS: block.iss, Kind.FROM_IRS: block.irs}.get(variable.kind, 0)
    if value is None or start is None or value < start:
        return None
    if variable.name == "SND.WL2" and value > block.snd_nxt:  # of a SYN without ACK
        return None
    return value - start


def _block(t: int, values: Mapping[str, Any]) -> ControlBlock:
    """IRS, RCV.NXT and the rest of the peer's numbers are 0 until its SYN has come.

    That a timer has run down further is no change: kept is when it will expire.
    """
    fields: dict[str, Any] = {each.field: values[each.name] for each in VARIABLES.values()}
    for each in VARIABLES.values():
        if each.kind is Kind.TIMER and values[each.name] is not None:
            fields[each.field] = t + values[each.name]
    if not values["RCV.NXT"]:
        fields["irs"] = None
    if values["ssthresh"] >= _UNLIMITED:
        fields["ssthresh"] = None
    fields["srtt"] = values["srtt"] or None
    return ControlBlock(t=t, **fields)
