"""The report as plain text of 80 columns, for terminals, CI logs, mail and diffs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from netlab.analyse.model import Connection, End
from netlab.report import clients, control_blocks, impaired, overview, wording
from netlab.report.columns import WIDTH, left, right, width, wrap
from netlab.report.filters import Stopped, stopped
from netlab.report.run import Run
from netlab.report.sockets import Table, tables
from netlab.report.textladder import ladder
from netlab.scenario.verdict import Judgement

_TIME = 11

#: Of a control block so many moments are told; the other forms have more.
_MOST_MOMENTS = 40


def render(run: Run) -> str:
    sections = [
        _header(run),
        _expectations(run),
        *map(_comparison, clients.tables(run, short=True)),
        *map(_comparison, overview.tables(run)),
        *_ladders(run),
        *([_path_mtus(run)] if run.analysis.path_mtus else []),
        *map(_table, tables(run.events)),
        *_impaired(run),
        *_filtering(run),
        _captures(run),
    ]
    return "\n".join("\n".join(line.rstrip() for line in section) + "\n" for section in sections)


def _header(run: Run) -> Iterator[str]:
    plan = run.plan
    yield from wrap(wording.headline(run), WIDTH)
    yield "=" * WIDTH
    yield from _field("lab", f"{plan.name} ({plan.source})")
    if plan.description:
        yield from _field("about", plan.description)
    yield from _field("seed", str(plan.seed))
    yield from _field("backend", f"{run.backend}, {run.host.kind}, netlab {run.netlab_version}")
    yield from _field(
        "run", f"{run.started:%Y-%m-%d %H:%M:%S} UTC, {wording.duration(run.duration)}"
    )
    yield from _field("again", run.command)
    for source in wording.sources(run):
        yield from _field("states by", source)
    for notice in run.notices:
        yield from _field("notice", notice)


def _field(name: str, value: str) -> Iterator[str]:
    first, *more = wrap(value, WIDTH - 11)
    yield left(name, 11) + first
    for line in more:
        yield " " * 11 + line


def _title(text: str) -> Iterator[str]:
    yield from wrap(text, WIDTH)
    yield "-" * WIDTH


def _expectations(run: Run) -> Iterator[str]:
    yield from _title("Expectations")
    if not run.verdict.judgements:
        yield "none judged"
    for judgement in run.verdict.judgements:
        yield from _judgement(judgement)
    for failure in run.verdict.failures:
        yield from _indented("FAIL  ", failure)


def _judgement(judgement: Judgement) -> Iterator[str]:
    yield from _indented("PASS  " if judgement.passed else "FAIL  ", judgement.text)
    if not judgement.passed:
        yield from _indented("      at        ", judgement.where)
        yield from _indented("      expected  ", judgement.expected)
        yield from _indented("      seen      ", judgement.seen)
        if judgement.frames:
            frames, more = wording.some_frames(judgement.frames)
            told = ", ".join(map(str, frames)) + (f" {more}" if more else "")
            yield from _indented("      frames    ", told)


def _indented(head: str, text: str) -> Iterator[str]:
    first, *more = wrap(text, WIDTH - len(head))
    yield head + first
    for line in more:
        yield " " * len(head) + line


def _comparison(table: clients.Table) -> Iterator[str]:
    """As wide as its words; the first column gives way."""
    lines = (table.columns, *table.rows)
    widths = [max(width(line[column]) for line in lines) for column in range(len(table.columns))]
    widths[0] = min(widths[0], WIDTH - sum(widths[1:]) - len(widths) + 1)
    yield from _title(table.title)
    for first, *others in lines:
        rest = map(right, others, widths[1:])
        yield " ".join([left(first, widths[0]), *rest])


def _ladders(run: Run) -> Iterator[Iterator[str]]:
    shown = overview.drawn(run)
    for connection in shown:
        title = f"{' / '.join(connection.names)} ({connection.transport})"
        yield _ladder(title, ladder(connection, run.events))
        for end in (connection.client, connection.server):
            if end.variables:
                yield _control_block(connection, end)
    if more := len(run.analysis.connections) - len(shown):
        yield iter(
            [f"The ladders of {wording.counted(more, 'more connection')} are in report.html."]
        )


def _ladder(title: str, drawing: str) -> Iterator[str]:
    yield from _title(title)
    yield from drawing.splitlines()


def _control_block(connection: Connection, end: End) -> Iterator[str]:
    """What changed with which segments, up to a number of moments that a reader follows."""
    name = " / ".join(connection.names)
    yield from _title(f"Control block of {name} at {wording.who(end.endpoint)}")
    yield from wrap(
        f"{control_blocks.initial_numbers(end)}; all numbers are relative to these", WIDTH
    )
    moments = control_blocks.moments(connection, end)
    for moment in islice(moments, _MOST_MOMENTS):
        head = right(wording.milliseconds(moment.t - connection.t), _TIME)
        for arrow in moment.arrows:
            way = "->" if (end is connection.client) is arrow.forward else "<-"
            yield from _indented(f"{head}  {way} ", arrow.label)
            head = " " * _TIME
        if text := ", ".join(control_blocks.told(*change) for change in moment.changes):
            yield from _indented(f"{head}     ", text)
            head = " " * _TIME
        if moment.timers is not None:
            yield from _indented(f"{head}     ", f"timers: {moment.timers}")
    if more := sum(1 for _ in moments):
        yield f"{wording.counted(more, 'more moment')}: see report.html or report.json."


def _path_mtus(run: Run) -> Iterator[str]:
    """What each node was told last about the way to a destination."""
    yield from _title("Path MTUs")
    last = {(told.node, told.destination): told for told in run.analysis.path_mtus}
    for told in last.values():
        at = wording.milliseconds(told.t)
        yield from _indented(
            "  ",
            f"{told.node} to {told.destination}: {told.mtu}, told by {told.reporter} at {at} ms",
        )


def _table(table: Table) -> Iterator[str]:
    at = wording.milliseconds(table.t)
    yield from _title(f"Sockets of {table.node} at {table.moment}, {at} ms")
    if not table.sockets:
        yield "none"
    for socket in table.sockets:
        words = (socket.transport, socket.pair, socket.state, socket.program)
        yield from _indented("  ", " ".join(filter(None, words)))


def _impaired(run: Run) -> Iterator[Iterator[str]]:
    rows = list(impaired.rows(run))
    if rows:
        yield _impaired_links(rows)


def _impaired_links(rows: list[impaired.Row]) -> Iterator[str]:
    yield from _title("Impaired links")
    for row, before in zip(rows, [None, *rows[:-1]], strict=True):
        if before is None or before.stretch != row.stretch:
            yield from _indented("", f"{row.stretch}: {row.why}")
        yield from _indented(f"  {row.way}  ", row.told)


def _filtering(run: Run) -> Iterator[Iterator[str]]:
    if found := list(stopped(run.events)):
        yield _filters(found)


def _filters(found: list[Stopped]) -> Iterator[str]:
    yield from _title("Packet filters")
    for each in found:
        removed = ", then removed" if each.until_removed else ""
        packets = "1 packet" if each.packets == 1 else f"{each.packets} packets"
        yield from _indented(f"{each.node}  ", f"{each.filter}: stopped {packets}{removed}")


def _captures(run: Run) -> Iterator[str]:
    yield from _title("Captures")
    for count in run.analysis.counts:
        lost = f", {count.drops} DROPPED" if count.drops else ""
        number = f"  {count.packets} packets{lost}"
        yield left(f"{count.node}:{count.interface}", WIDTH - len(number)) + number
    if not run.analysis.counts:
        yield "none"
