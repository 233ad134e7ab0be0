"""How an end's congestion window, threshold and flight went, as lines of a drawing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from netlab.analyse.model import Connection, End
from netlab.report import wording

_WIDTH, _HEIGHT = 860, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 12, 24

#: Steps between the lines of a scale: of these, times a power of ten.
_ROUND = (1, 2, 5)
_MOST_LINES = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the scale at ``place`` and what it stands for."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """``path`` is SVG path data; a threshold begins where there is one."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Segments or bytes (``unit``) over milliseconds since the connection began."""

    title: str
    unit: str
    width: int
    height: int
    left: int
    right: int
    bottom: int
    lines: tuple[Line, ...]
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]


#: What a value was from each time on; None where there was none.
_Steps = Sequence[tuple[int, int | None]]


def plots(connections: Sequence[Connection]) -> Iterator[Plot]:
    """One for each end that was watched and sent data: no window limits what sends nothing."""
    for connection in connections:
        for end in (connection.client, connection.server):
            if end.bytes_sent and (end.samples or end.variables):
                yield plot(connection, end)


def plot(connection: Connection, end: End) -> Plot:
    """Of its control block in bytes, or else of what its kernel said in segments."""
    series = _of_variables(end) if end.variables else _of_samples(end)
    times = [t for steps in series.values() for t, _ in steps]
    begin = connection.t
    until = max(*times, connection.arrows[-1].transit.t, begin + 1)
    # A threshold above all windows, as cached of an earlier connection, would flatten them.
    windows = (value for name, steps in series.items() if name != "ssthresh" for _, value in steps)
    highest = max(value for value in windows if value is not None)
    across = _Scale(begin, until, _LEFT, _WIDTH - _RIGHT)
    up = _Scale(0, max(highest * 1.1, 1), _HEIGHT - _BOTTOM, _TOP)
    return Plot(
        title=f"{' / '.join(connection.names)}: {wording.who(end.endpoint)}",
        unit="bytes" if end.variables else "segments",
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        bottom=_HEIGHT - _BOTTOM,
        lines=tuple(Line(name, _path(steps, across, up)) for name, steps in series.items()),
        across=across.marks(unit=1_000_000),
        up=up.marks(),
    )


def _of_samples(end: End) -> Mapping[str, _Steps]:
    return {
        "cwnd": [(each.t, each.cwnd) for each in end.samples],
        "ssthresh": [(each.t, each.ssthresh) for each in end.samples],
        "unacked": [(each.t, each.unacked) for each in end.samples],
    }


def _of_variables(end: End) -> Mapping[str, _Steps]:
    return {
        "cwnd": [(each.t, each.cwnd) for each in end.variables],
        "ssthresh": [(each.t, each.ssthresh) for each in end.variables],
        "unacked": [(each.t, each.in_flight) for each in end.variables],
    }


def _path(steps: _Steps, across: _Scale, up: _Scale) -> str:
    """A value holds until the next one; of those in one column of pixels the extremes are drawn."""
    known = ((round(across.place(t)), up.place(value)) for t, value in steps if value is not None)
    path, here = "", None
    for x, places in groupby(known, key=itemgetter(0)):
        heights = [y for _, y in places]
        for y in (heights[0], min(heights), max(heights), heights[-1]):
            if here is None:
                path = f"M{x:.1f} {y:.1f}"
            elif y != here:
                path += f"H{x:.1f}V{y:.1f}"
            here = y
    return f"{path}H{across.end:.1f}" if path else ""


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        return self.start + (value - self.low) * (self.end - self.start) / (self.high - self.low)

    def marks(self, unit: int = 1) -> tuple[Mark, ...]:
        """Lines at round distances from ``low``, numbered in ``unit``."""
        span = (self.high - self.low) / unit
        step = _step(span)
        values = (number * step for number in range(int(span / step) + 1))
        return tuple(
            Mark(round(self.place(self.low + value * unit), 1), f"{value:g}") for value in values
        )


def _step(span: float) -> float:
    power = 1e-3
    while True:
        for digit in _ROUND:
            if span / (digit * power) <= _MOST_LINES:
                return digit * power
        power *= 10
