"""Clients by service, and transfers, in every form of the report."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from netlab.collect.events import Event
from netlab.report import clients, html, json_form, text
from netlab.report.run import Run

MS = 1_000_000


def service(t: int, status: str, port: int, **data: Any) -> Event:
    names = {"local": "10.0.0.1:7", "foreign": f"10.0.0.2:{port}"}
    told = {"service": "echo tcp/7", "status": status, "pid": port}
    return Event(t * MS, "service", "server", data=told | names | data)


def operation(t: int, op: str, took: int, **data: Any) -> Event:
    return Event(t * MS, "op", "c1", "bulk", {"op": op, "status": "ok", "took": took * MS} | data)


COMPARED = (
    operation(1, "connect", 1, local="10.0.0.2:1", foreign="10.0.0.1:7"),
    service(1, "accepted", 1),
    service(2, "accepted", 2),
    operation(9, "request", 8),
    operation(20, "transfer", 10, bytes=1000, goodput=100_000, sent_sha256="ab"),
    service(21, "served", 1, received_sha256="ab", sent=0, received=1000),
    service(22, "served", 2, received_sha256="", sent=0, received=0),
)


@pytest.fixture
def compared(run: Run) -> Run:
    return replace(run, events=COMPARED)


def test_the_text_has_a_table_of_at_most_80_columns(compared: Run) -> None:
    lines = text.render(compared).splitlines()
    start = lines.index("Clients by service")
    assert [line.split() for line in lines[start + 2 : start + 4]] == [
        ["service", "model", "clients", "at", "once", "servers", "median", "longest", "req/s"],
        ["server", "echo", "tcp/7", "fork", "2", "2", "2", "8.0", "ms", "8.0", "ms", "125"],
    ]
    transfers = lines.index("Transfers")
    assert lines[transfers + 3].split() == ["bulk", "1000", "10.000", "ms", "100000", "as", "sent"]
    assert all(len(line) <= 80 for line in lines)


def test_the_page_has_both_tables(compared: Run) -> None:
    page = html.render(compared, {})
    assert "<h2>Clients by service</h2>" in page
    assert '<a href="#clients">Clients</a>' in page
    assert '<td class="number">as sent</td>' in page


def test_programs_get_numbers(compared: Run) -> None:
    report = json.loads(json_form.render(compared))
    (row,) = report["clients_by_service"]
    assert (row["clients"], row["most_at_once"], row["median_request"]) == (2, 2, 8 * MS)
    assert report["transfers"][0]["intact"] is True


def test_with_one_client_there_is_nothing_to_compare(run: Run) -> None:
    alone = replace(run, events=COMPARED[:2])
    assert clients.tables(alone) == ()
    assert "Clients by service" not in text.render(alone)
    assert 'id="clients"' not in html.render(alone, {})
