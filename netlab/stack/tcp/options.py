"""TCP options: what a SYN offers, and what other segments carry (RFC 7323, RFC 2018)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netlab.stack.tcp.profile import SynOption
from netlab.stack.tcp.ranges import Range
from netlab.stack.tcp.sequence import wrap
from netlab.wire.tcp import Tcp
from netlab.wire.tcp_options import (
    MaximumSegmentSize,
    NoOperation,
    Option,
    Sack,
    SackPermitted,
    Timestamps,
    WindowScale,
)

#: Bytes that timestamps take of every segment, with the two no-operations that align them.
TIMESTAMPS_LENGTH = 12
#: RFC 7323, 2.3.
MAX_SHIFT = 14
#: RFC 9293, 3.7.1: the MSS of a peer that says none, by the length of its address.
DEFAULT_MSS = {4: 536, 16: 1220}
#: Less is not believed, of a peer or a path: timestamps would leave no room for data.
LEAST_MSS = 48
_NOP = NoOperation()
_SACK = SynOption.SACK_PERMITTED
#: Where an option begins, modulo 4, so that its values are aligned.
_PLACES = {SynOption.MSS: 0, SynOption.TIMESTAMPS: 2, SynOption.WINDOW_SCALE: 1}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a SYN carries: None, or False, is an option that is not there."""

    mss: int | None = None
    shift: int | None = None
    sack: bool = False
    timestamps: Timestamps | None = None

    @staticmethod
    def of(header: Tcp) -> Offer:
        mss, scale = header.option(MaximumSegmentSize), header.option(WindowScale)
        return Offer(
            mss.size if mss else None,
            min(scale.shift, MAX_SHIFT) if scale else None,
            header.option(SackPermitted) is not None,
            header.option(Timestamps),
        )

    def options(self, order: Sequence[SynOption]) -> tuple[Option, ...]:
        """The option list, in ``order`` and aligned."""
        there: dict[SynOption, Option] = {}
        if self.mss is not None:
            there[SynOption.MSS] = MaximumSegmentSize(self.mss)
        if self.sack:
            there[_SACK] = SackPermitted()
        if self.timestamps is not None:
            there[SynOption.TIMESTAMPS] = self.timestamps
        if self.shift is not None:
            there[SynOption.WINDOW_SCALE] = WindowScale(self.shift)
        places = dict(_PLACES)
        if self.timestamps is None and order.index(_SACK) < order.index(SynOption.WINDOW_SCALE):
            places[_SACK] = 2  # Linux keeps the room before it that timestamps would need
        return _aligned([(kind, there[kind]) for kind in order if kind in there], places)


def segment_options(timestamps: Timestamps | None, blocks: Sequence[Range]) -> tuple[Option, ...]:
    """Those of a segment without SYN; ``blocks`` are unwrapped."""
    if not blocks:
        return (_NOP, _NOP, timestamps) if timestamps else ()
    sack = Sack(tuple((wrap(left), wrap(right)) for left, right in blocks))
    return (_NOP, _NOP, timestamps, _NOP, _NOP, sack) if timestamps else (_NOP, _NOP, sack)


def _aligned(
    options: Sequence[tuple[SynOption, Option]], places: Mapping[SynOption, int]
) -> tuple[Option, ...]:
    placed: list[Option] = []
    length = 0
    for kind, option in options:
        padding = (places[kind] - length) % 4 if kind in places else 0
        placed += [_NOP] * padding + [option]
        length += padding + len(option.emit())
    return tuple(placed)
