"""How an end's congestion window, threshold and flight went, as lines of a drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from netlab.analyse.model import Connection, End, TcpSample
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
    """Segments over milliseconds since the connection began."""

    title: str
    width: int
    height: int
    left: int
    right: int
    bottom: int
    lines: tuple[Line, ...]
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]


_Value = Callable[[TcpSample], int | None]

_LINES: tuple[tuple[str, _Value], ...] = (
    ("cwnd", lambda sample: sample.cwnd),
    ("ssthresh", lambda sample: sample.ssthresh),
    ("unacked", lambda sample: sample.unacked),
)


def plots(connections: Sequence[Connection]) -> Iterator[Plot]:
    """One for each end that was sampled and sent data: no window limits what sends nothing."""
    for connection in connections:
        for end in (connection.client, connection.server):
            if end.samples and end.bytes_sent:
                yield plot(connection, end)


def plot(connection: Connection, end: End) -> Plot:
    samples = end.samples
    begin = connection.t
    until = max(samples[-1].t, connection.arrows[-1].transit.t, begin + 1)
    highest = max(max(sample.cwnd, sample.unacked) for sample in samples)
    across = _Scale(begin, until, _LEFT, _WIDTH - _RIGHT)
    # A threshold above all windows, as cached of an earlier connection, would flatten them.
    up = _Scale(0, max(highest * 1.1, 1), _HEIGHT - _BOTTOM, _TOP)
    return Plot(
        title=f"{connection.name}: {wording.who(end.endpoint)}",
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        bottom=_HEIGHT - _BOTTOM,
        lines=tuple(
            Line(name, _path([(sample.t, value(sample)) for sample in samples], across, up))
            for name, value in _LINES
        ),
        across=across.marks(unit=1_000_000),
        up=up.marks(),
    )


def _path(steps: Sequence[tuple[int, int | None]], across: _Scale, up: _Scale) -> str:
    """A value holds until the next sample says otherwise."""
    parts: list[str] = []
    for t, value in steps:
        if value is not None:
            x, y = across.place(t), up.place(value)
            parts.append(f"H{x:.1f}V{y:.1f}" if parts else f"M{x:.1f} {y:.1f}")
    return "".join([*parts, f"H{across.end:.1f}"]) if parts else ""


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
