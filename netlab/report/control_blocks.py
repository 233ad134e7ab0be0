"""How an end's control block went, moment by moment, beside the segments that changed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from netlab.analyse.control_blocks import relative
from netlab.analyse.model import Arrow, Connection, ControlBlock, End
from netlab.report.wording import duration
from netlab.stack.tcp.variables import VARIABLES, Kind, Variable

#: What follows a segment within this is told with it: ns.
_BESIDE = 1_000_000


#: ISS and IRS are what the others count from, and have no column. All timers have one.
COLUMNS = tuple(each for each in VARIABLES.values() if each.kind not in {Kind.INITIAL, Kind.TIMER})
_TIMERS = tuple(each for each in VARIABLES.values() if each.kind is Kind.TIMER)


@dataclass(frozen=True, slots=True)
class Moment:
    """Segments that an end received and sent, and the columns that differ from before.

    ``initial`` are ISS and IRS, None while they are unknown. ``timers`` are those that run, None
    when none was set or stopped.
    """

    t: int
    arrows: tuple[Arrow, ...]
    initial: tuple[int | None, int | None]
    changes: tuple[tuple[Variable, int | None], ...]
    timers: str | None


_Told: TypeAlias = Arrow | ControlBlock


def moments(connection: Connection, end: End) -> Iterator[Moment]:
    """Of an end that told its variables; in time order."""
    before: ControlBlock | None = None
    for t, told in _grouped(connection, end):
        blocks = [each for each in told if isinstance(each, ControlBlock)]
        block = blocks[-1] if blocks else before
        arrows = tuple(each for each in told if isinstance(each, Arrow))
        changes = tuple(_changes(before, block)) if block else ()
        initial = (block.iss, block.irs) if block else (None, None)
        timers = _running(block) if block and _expire_otherwise(before, block) else None
        if arrows or changes or timers:
            yield Moment(t, arrows, initial, changes, timers)
        before = block


def initial_numbers(end: End) -> str:
    """``ISS 1000, IRS 9000``, as they are on the wire."""
    iss = dict.fromkeys(str(block.iss) for block in end.variables)
    irs = dict.fromkeys(str(block.irs) for block in end.variables if block.irs is not None)
    return f"ISS {' then '.join(iss)}, IRS {' then '.join(irs) or 'unknown'}"


def told(variable: Variable, value: int | None) -> str:
    """Such as ``SND.UNA=1`` or ``rto=204ms``."""
    if value is None:
        text = "none"
    else:
        text = f"{value / 1e6:g}ms" if variable.kind is Kind.TIME else str(value)
    return f"{variable.name}={text}"


def _changes(
    before: ControlBlock | None, block: ControlBlock
) -> Iterator[tuple[Variable, int | None]]:
    for column in COLUMNS:
        value = relative(block, column)
        if value != (relative(before, column) if before else None):
            yield column, value


def _expire_otherwise(before: ControlBlock | None, block: ControlBlock) -> bool:
    return before is None or any(
        getattr(before, each.field) != getattr(block, each.field) for each in _TIMERS
    )


def _running(block: ControlBlock) -> str:
    """Such as ``retransmission 204.000 ms, keepalive 7200.000 s``, or ``off``."""
    left = {each.name.removeprefix("timer."): relative(block, each) for each in _TIMERS}
    running = [f"{name} {duration(t)}" for name, t in left.items() if t is not None]
    return ", ".join(running) or "off"


def _grouped(connection: Connection, end: End) -> Iterator[tuple[int, list[_Told]]]:
    """A segment that comes begins a moment, and so does what happens later than just after it.

    The variables of an instant are those after it: segments that come in it are before them.
    """
    group: list[_Told] = []
    start, has_block = 0, False
    for t, rank, each in sorted(_all(connection, end), key=lambda each: each[:2]):
        comes = rank == _COMES and t > start
        changes = rank == _CHANGES and has_block
        if group and (comes or changes or t - start > _BESIDE):
            yield start, group
            group = []
        if not group:
            start, has_block = t, False
        has_block |= rank == _CHANGES
        group.append(each)
    if group:
        yield start, group


_COMES, _CHANGES, _LEAVES = range(3)


def _all(connection: Connection, end: End) -> Iterator[tuple[int, int, _Told]]:
    is_client = end is connection.client
    for arrow in connection.arrows:
        own = arrow.forward is is_client
        sighting = arrow.transit.sent if own else arrow.transit.received
        if sighting is not None:
            yield sighting.t, _LEAVES if own else _COMES, arrow
    for block in end.variables:
        yield block.t, _CHANGES, block
