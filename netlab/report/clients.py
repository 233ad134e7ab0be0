"""Clients by service, and transfers, as the words of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from netlab.analyse.clients import clients_by_service, transfers
from netlab.report import wording
from netlab.report.run import Run

_Column = tuple[str, Callable[[Any], str]]

_ARRIVED = {True: "as sent", False: "DAMAGED", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Table:
    """Its first column is of words, the others are aligned right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(run: Run, *, short: bool = False) -> tuple[Table, ...]:
    """What there is to compare; ``short``: no more columns than a terminal has room for."""
    services = clients_by_service(run.plan, run.events)
    made = [_table("Transfers", _TRANSFERS, list(transfers(run.events)))]
    if any(one.clients > 1 for one in services):
        columns = _SERVICES if not short else _SERVICES[:_SHORT]
        made.insert(0, _table("Clients by service", columns, services))
    return tuple(table for table in made if table.rows)


def as_json(run: Run) -> dict[str, list[dict[str, Any]]]:
    return {
        "clients_by_service": [asdict(one) for one in clients_by_service(run.plan, run.events)],
        "transfers": [asdict(one) for one in transfers(run.events)],
    }


def _table(title: str, columns: Sequence[_Column], items: Sequence[Any]) -> Table:
    names = tuple(name for name, _ in columns)
    return Table(title, names, tuple(tuple(say(one) for _, say in columns) for one in items))


def _time(nanoseconds: int | None) -> str:
    return "" if nanoseconds is None else f"{nanoseconds / 1e6:.1f} ms"


def _rate(a_second: float | None) -> str:
    return "" if a_second is None else f"{a_second:.0f}"


_SERVICES: tuple[_Column, ...] = (
    ("service", lambda one: f"{one.node} {one.service}"),
    ("model", lambda one: one.model),
    ("clients", lambda one: str(one.clients)),
    ("at once", lambda one: str(one.most_at_once)),
    ("servers", lambda one: str(one.servers)),
    ("median", lambda one: _time(one.median_request)),
    ("longest", lambda one: _time(one.longest_request)),
    ("req/s", lambda one: _rate(one.request_rate)),
    ("requests", lambda one: str(one.requests)),
    ("bytes/s", lambda one: _rate(one.byte_rate)),
)
_SHORT = 8

_TRANSFERS: tuple[_Column, ...] = (
    ("transfer", lambda one: one.name),
    ("bytes", lambda one: str(one.size)),
    ("took", lambda one: wording.duration(one.took)),
    ("bytes/s", lambda one: str(one.goodput)),
    ("arrived", lambda one: _ARRIVED[one.intact]),
)
