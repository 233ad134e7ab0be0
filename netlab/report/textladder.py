"""A connection as a ladder of 80 columns, after figure 2-5 of UNIX Network Programming.

::

       time ms  c1 10.0.0.2:1500                           server 10.0.0.1:7
         0.000    SYN_SENT |-- SYN, MSS 536 ------------------->| LISTEN
         0.041             |<- SYN, ACK 1, MSS 1460 ------------| SYN_RCVD

A packet stands where it was first seen, a state where it was entered, a call in brackets where it
began or returned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from netlab.analyse.model import Arrow, Connection, End
from netlab.collect.events import Event
from netlab.report import icmp, wording
from netlab.report.calls import Call, calls
from netlab.report.columns import WIDTH, elide, left, right, width, wrap

_TIME = 11
_WIDEST_STATE = 18
_BESIDE = 1_000_000


def ladder(connection: Connection, events: Iterable[Event] = ()) -> str:
    """The whole drawing; no line is wider than 80 columns. ``events`` add the calls."""
    sheet = _Sheet(connection)
    rows = _rows(connection, calls(connection, events))
    lines = [*sheet.head(), *(line for row in rows for line in sheet.lines(row))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


@dataclass(slots=True)
class _Row:
    """One moment: what stands between the axes, and the states entered at both of them."""

    t: int
    drawn: Arrow | icmp.Error | Call | None
    client: list[str] = field(default_factory=list)
    server: list[str] = field(default_factory=list)


def _rows(connection: Connection, edge: Iterable[Call]) -> list[_Row]:
    rows: list[_Row] = []
    by_frame: dict[int | None, _Row] = {}
    for arrow in connection.arrows:
        rows.append(_Row(arrow.transit.t, arrow))
        by_frame.update(dict.fromkeys((hop.number for hop in arrow.transit.hops), rows[-1]))
    rows += (_Row(transit.t, icmp.error(transit, connection)) for transit in connection.related)
    rows += (_Row(call.t, call) for call in edge)
    rows += _states(connection, by_frame)
    return _joined(sorted(rows, key=lambda row: (row.t, row.drawn is not None)))


def _states(connection: Connection, by_frame: Mapping[int | None, _Row]) -> Iterator[_Row]:
    """States stand beside the packet that caused them; rows of their own for the others.

    A packet stands where it was sent: if the end has been in another state since, what the packet
    made of it stands where it came.
    """
    order = {id(row): index for index, row in enumerate(by_frame.values())}
    for end, side in zip(_ends(connection), ("client", "server"), strict=True):
        apart: defaultdict[int, list[str]] = defaultdict(list)
        latest = (-1 << 62, 0)
        for change in end.states:
            caused = by_frame.get(change.cause)
            place = (caused.t, order[id(caused)]) if caused else (change.t, -1)
            if caused and place >= latest:
                getattr(caused, side).append(change.state)
            else:
                apart[change.t].append(change.state)
                place = (change.t, -1)
            latest = max(latest, place)
        yield from (_Row(t, None, **{side: states}) for t, states in apart.items())


def _joined(rows: Iterable[_Row]) -> list[_Row]:
    """A state entered just before or after something drawn stands beside it if there is room."""
    joined: list[_Row] = []
    for row in rows:
        before = joined[-1] if joined else None
        if before and _fits(before, row):
            before.t = before.t if before.drawn else row.t
            before.drawn = before.drawn or row.drawn
            before.client += row.client
            before.server += row.server
        else:
            joined.append(row)
    return joined


def _fits(before: _Row, row: _Row) -> bool:
    return (
        (before.drawn is None or row.drawn is None)
        and row.t - before.t < _BESIDE
        and not (before.client and row.client)
        and not (before.server and row.server)
    )


class _Sheet:
    """Where the columns of one connection's ladder are."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        names = [change.state for end in _ends(connection) for change in end.states]
        self._state = min(max([11, *map(width, names)]), _WIDEST_STATE)
        self._lane = WIDTH - _TIME - 2 * self._state - 6
        self._start = connection.t

    def head(self) -> Iterator[str]:
        room = (WIDTH - _TIME - 4) // 2
        margin = right("time ms", _TIME)
        titles = (_title(end, self._connection.transport) for end in _ends(self._connection))
        for mine, other in zip(*titles, strict=True):
            if mine or other:
                yield f"{margin}  {left(mine, room)}  {right(other, room)}"
            margin = " " * _TIME

    def lines(self, row: _Row) -> Iterator[str]:
        drawn = list(self._drawn(row)) or [" " * self._lane]
        rows = max(len(drawn), len(row.client), len(row.server))
        for index in range(rows):
            time = wording.milliseconds(row.t - self._start) if index == 0 else ""
            yield right(time, _TIME) + self._line(
                row.client[index] if index < len(row.client) else "",
                drawn[index] if index < len(drawn) else " " * self._lane,
                row.server[index] if index < len(row.server) else "",
            )

    def _line(self, client: str, lane: str, server: str) -> str:
        return f"  {right(client, self._state)} |{lane}| {left(server, self._state)}"

    def _drawn(self, row: _Row) -> Iterator[str]:
        drawn = row.drawn
        if isinstance(drawn, Arrow):
            yield from self._arrow(drawn)
        elif isinstance(drawn, icmp.Error):
            yield from self._error(drawn)
        elif drawn is not None:
            pad = left if drawn.at_client else right
            text = f"[{elide(drawn.text, self._lane - 4)}]"
            yield pad(f" {text}" if drawn.at_client else f"{text} ", self._lane)

    def _arrow(self, arrow: Arrow) -> Iterator[str]:
        transit = arrow.transit
        label = ", ".join((arrow.label, *(f"({note})" for note in arrow.notes)))
        first, *more = wrap(label, self._lane - 9)
        tail = "--" if transit.sent else "?-"
        if transit.lost_after is not None:
            head = "-x"
            more += wrap(f"x {wording.loss(transit)}", self._lane - 4)
        else:
            head = "->" if transit.received else "-?"
        yield self._shaft(first, tail, head, forward=arrow.forward, stroke="-")
        for text in more:
            yield self._indented(text)

    def _error(self, error: icmp.Error) -> Iterator[str]:
        first, *more = wrap(f"{error.label} from {error.reporter}", self._lane - 9)
        head = "x" if error.lost else ">"
        yield self._shaft(first, " -", f"-{head}", forward=not error.to_client, stroke="- ")
        for text in more:
            yield self._indented(text)

    def _indented(self, text: str) -> str:
        return left(f"   {text}", self._lane)

    def _shaft(self, label: str, tail: str, head: str, *, forward: bool, stroke: str) -> str:
        """An arrow as wide as the lane, its label near where it is read first."""
        rest = self._lane - width(label) - 6
        if forward:
            return f"{tail} {label} {(stroke * rest)[:rest]}{head}"
        back = {"->": "<-", "-x": "x-", "-?": "?-"}[head]
        line = (stroke * (rest + 2))[: rest + 2] if tail != "?-" else "-" * rest + "-?"
        return f"{back} {label} {line}"


def _ends(connection: Connection) -> tuple[End, End]:
    return connection.client, connection.server


def _title(end: End, transport: str) -> tuple[str, str]:
    unknown = transport == "tcp" and not end.states
    return wording.who(end.endpoint), f"({wording.NOT_CAPTURED})" if unknown else ""
