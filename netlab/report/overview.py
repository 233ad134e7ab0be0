"""A run of many connections: what each group came to, and which of them are drawn in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from netlab.analyse.model import Connection
from netlab.report import wording
from netlab.report.clients import Table
from netlab.report.run import Run
from netlab.wire.tcp import Flags

#: Up to so many connections are all drawn.
MOST_DRAWN = 20

#: Of more, the first ones of each group, and the first ones that something happened to.
_FIRST, _REMARKABLE = 2, 3

#: A flood's openers are thousands of addresses that nobody has: one group.
_NOBODY = "addresses of no node"

_Key: TypeAlias = tuple[str, str, str]

_COLUMNS = (
    "opened by, to",
    "number",
    "bytes",
    "back",
    "again",
    "lost",
    "reset",
    "longest",
)


def drawn(run: Run) -> tuple[Connection, ...]:
    """The connections whose ladders are worth the room, in their order."""
    connections = run.analysis.connections
    if len(connections) <= MOST_DRAWN:
        return connections
    chosen: set[int] = set()
    for group in _groups(connections).values():
        chosen.update(map(id, group[:_FIRST]))
        chosen.update(map(id, [each for each in group if _is_remarkable(each)][:_REMARKABLE]))
    return tuple(each for each in connections if id(each) in chosen)


def tables(run: Run) -> tuple[Table, ...]:
    """One row for each opener and peer; none where all connections are drawn."""
    connections = run.analysis.connections
    if len(connections) <= MOST_DRAWN:
        return ()
    rows = tuple(_row(key, group) for key, group in _groups(connections).items())
    return (Table("Connections", _COLUMNS, rows),)


def _groups(connections: Sequence[Connection]) -> dict[_Key, list[Connection]]:
    groups: dict[_Key, list[Connection]] = {}
    for each in connections:
        client, server = each.client.endpoint, each.server.endpoint
        key = (client.node or _NOBODY, wording.who(server), each.transport)
        groups.setdefault(key, []).append(each)
    return groups


def _row(key: _Key, group: Sequence[Connection]) -> tuple[str, ...]:
    client, server, transport = key
    longest = max(each.arrows[-1].transit.hops[-1].t - each.t for each in group)
    return (
        f"{client}, {server} {transport}",
        str(len(group)),
        str(sum(each.client.bytes_sent for each in group)),
        str(sum(each.server.bytes_sent for each in group)),
        str(sum(_again(each) for each in group)),
        str(sum(_losses(each) for each in group)),
        str(sum(_was_reset(each) for each in group)),
        f"{longest / 1e6:.1f} ms",
    )


def _again(connection: Connection) -> int:
    return connection.client.retransmissions + connection.server.retransmissions


def _losses(connection: Connection) -> int:
    return sum(arrow.transit.lost_after is not None for arrow in connection.arrows)


def _was_reset(connection: Connection) -> bool:
    headers = (arrow.transit.first.packet.tcp for arrow in connection.arrows)
    return any(header is not None and header.has(Flags.RST) for header in headers)


def _is_remarkable(connection: Connection) -> bool:
    return bool(
        _again(connection) or connection.related or _losses(connection) or _was_reset(connection)
    )
