"""A run as the data of its page's script: rows of numbers, every text and header only once.

The layout is the script's other half: what is written here is read by ``unpack`` in report.js.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, TypeAlias

from netlab.analyse.model import Arrow, Connection, End, Transit
from netlab.report import control_blocks, icmp, wording
from netlab.report.calls import calls
from netlab.report.headers import Header, headers
from netlab.report.narration import narrate
from netlab.report.run import Run

Row: TypeAlias = list[Any]

FORWARD, SENT, RECEIVED, ICMP = 1, 2, 4, 8

#: Rows of a control block on the page.
_MOST_MOMENTS = 300

#: So that nothing in a text can end the script element or open a comment in it.
_DANGEROUS = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def pack(run: Run) -> str:
    """JSON that is safe inside a ``script`` element: ASCII only, without ``<``, ``>`` and ``&``."""
    packer = _Packer()
    lines = filter(None, map(narrate, sorted(run.events, key=lambda event: event.t)))
    content = {
        "connections": [packer.connection(c, run) for c in run.analysis.connections],
        "log": [
            [line.t, packer.text(line.node), packer.text(line.group), line.text, int(line.failed)]
            for line in lines
        ],
        "end": run.duration,
        "sources": {source.value: text for source, text in wording.SOURCES.items()},
        "columns": [
            *([column.name, column.kind.name] for column in control_blocks.COLUMNS),
            ["timers", "TIMER"],
        ],
    }
    content |= packer.tables()
    return json.dumps(content, separators=(",", ":")).translate(_DANGEROUS)


class _Packer:
    """Texts and headers become their numbers in a table."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._kinds: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._headers: dict[Header, int] = {}
        self._rows: list[Row] = []

    def tables(self) -> dict[str, Any]:
        return {
            "texts": list(self._texts),
            "kinds": [[name, list(fields)] for name, (_, fields) in self._kinds.items()],
            "headers": self._rows,
        }

    def text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def connection(self, connection: Connection, run: Run) -> dict[str, Any]:
        edge = calls(connection, run.events)
        drawn: list[Arrow | Transit] = [*connection.arrows, *connection.related]
        drawn.sort(key=_time)
        ends = (connection.client, connection.server)
        return {
            "name": " / ".join(connection.names),
            "transport": connection.transport,
            "t": connection.t,
            "ends": [self._end(end) for end in ends],
            "packets": [self._drawn(each, connection) for each in drawn],
            "blocks": [_block(connection, end, drawn) for end in ends],
            "calls": [[call.t, int(not call.at_client), self.text(call.text)] for call in edge],
        }

    def _end(self, end: End) -> dict[str, Any]:
        return {
            "who": wording.who(end.endpoint),
            "states": [
                [change.t, self.text(change.state), self.text(change.source), change.cause]
                for change in end.states
            ],
            "sent": end.bytes_sent,
            "again": end.retransmissions,
        }

    def _drawn(self, drawn: Arrow | Transit, connection: Connection) -> Row:
        return self._arrow(drawn) if isinstance(drawn, Arrow) else self._error(drawn, connection)

    def _arrow(self, arrow: Arrow) -> Row:
        row = self._packet(arrow.transit, FORWARD * arrow.forward, arrow.label)
        row += [arrow.sequence, arrow.acknowledgment]
        return row + self._remarks(arrow.transit, notes=arrow.notes)

    def _error(self, transit: Transit, connection: Connection) -> Row:
        error = icmp.error(transit, connection)
        row = self._packet(transit, ICMP | FORWARD * (not error.to_client), error.label)
        return [*row, None, None, *self._remarks(transit, reporter=error.reporter)]

    def _packet(self, transit: Transit, flags: int, label: str) -> Row:
        """Hops after the first give their time as nanoseconds since the one before."""
        packet = transit.first.packet
        hops: Row = []
        before = transit.t
        for hop in transit.hops:
            hops += (hop.number, self.text(f"{hop.node}:{hop.interface}"), hop.t - before)
            before = hop.t
        arrival = transit.hops.index(transit.received) if transit.received else 0
        flags |= SENT * (transit.sent is not None) | RECEIVED * (transit.received is not None)
        layers = [self._header(header) for header in headers(packet)]
        return [flags, transit.t, label, hops, arrival, layers, packet.length, len(packet.payload)]

    def _remarks(
        self, transit: Transit, *, notes: Sequence[str] = (), reporter: str | None = None
    ) -> Row:
        """Nothing for most packets."""
        problems = transit.first.packet.problems
        if not (notes or problems or reporter or transit.lost_after):
            return []
        places = (wording.loss(transit), reporter)
        return [
            [self.text(note) for note in notes],
            [self.text(problem) for problem in problems],
            *(None if place is None else self.text(place) for place in places),
        ]

    def _header(self, header: Header) -> int:
        known = self._headers.get(header)
        if known is None:
            kind = header.kind
            number, _ = self._kinds.setdefault(kind.name, (len(self._kinds), kind.fields))
            self._rows.append([number, *self._values(header.values)])
            known = self._headers[header] = len(self._rows) - 1
        return known

    def _values(self, values: Iterable[int | str]) -> Iterable[int]:
        """Numbers as they are; a text as the complement of its number, so that it is negative."""
        return (value if isinstance(value, int) else ~self.text(value) for value in values)


def _time(drawn: Arrow | Transit) -> int:
    return drawn.transit.t if isinstance(drawn, Arrow) else drawn.t


def _block(connection: Connection, end: End, drawn: Sequence[Arrow | Transit]) -> Row | None:
    """``[initial numbers, how many moments are left out, moments]``, or null.

    A moment is ``[t, packets, ISS, IRS, column, value, column, value, …]``, of the columns that
    changed; packets and columns are their numbers. The last column is that of the timers.
    """
    if not end.variables:
        return None
    numbers = {id(each): number for number, each in enumerate(drawn)}
    columns = {column: number for number, column in enumerate(control_blocks.COLUMNS)}
    moments = control_blocks.moments(connection, end)
    rows: list[Row] = []
    for moment in islice(moments, _MOST_MOMENTS):
        packets = [numbers[id(arrow)] for arrow in moment.arrows]
        changed: Row = []
        for column, value in moment.changes:
            changed += [columns[column], value]
        if moment.timers is not None:
            changed += [len(columns), moment.timers]
        rows.append([moment.t, packets, *moment.initial, *changed])
    return [control_blocks.initial_numbers(end), sum(1 for _ in moments), rows]
