"""Service events at one end and operations at the other make one comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from netlab.analyse.clients import clients_by_service, transfers
from netlab.collect.events import Event
from netlab.testing import plans
from netlab.topology.plan import Plan

MS = 1_000_000
SERVER = "10.0.0.1:7"


def service(t: float, status: str, port: int, **data: Any) -> Event:
    told = {"service": "echo tcp/7", "status": status, "pid": 100 + port, "local": SERVER}
    foreign = {"foreign": f"10.0.0.2:{port}"}
    return Event(round(t * MS), "service", "server", data=told | foreign | data)


def operation(t: float, op: str, port: int, took: float = 1.0, **data: Any) -> Event:
    ends = {"local": f"10.0.0.2:{port}", "foreign": SERVER} if op == "connect" else {}
    told = {"op": op, "status": "ok", "took": round(took * MS), "index": port}
    return Event(round(t * MS), "op", "c1", "crowd", told | ends | data)


@pytest.fixture
def plan() -> Plan:
    return plans.two_hosts()


def test_two_clients_at_once_and_a_third_behind_them(plan: Plan):
    events = [
        operation(0, "connect", 1),
        operation(0, "connect", 2),
        operation(0, "connect", 3),
        service(1, "accepted", 1),
        service(2, "accepted", 2),
        operation(10, "request", 1, took=10),
        service(11, "served", 1, sent=100, received=100),
        service(12, "accepted", 3, pid=101),
        operation(20, "request", 2, took=20),
        service(21, "served", 2, sent=100, received=100),
        operation(60, "request", 3, took=60),
        service(61, "served", 3, sent=100, received=100, pid=101),
    ]
    (told,) = clients_by_service(plan, events)
    assert (told.node, told.service, told.model) == ("server", "echo tcp/7", "fork")
    assert (told.clients, told.most_at_once, told.servers) == (3, 2, 2)
    assert (told.requests, told.median_request, told.longest_request) == (3, 20 * MS, 60 * MS)
    assert told.request_rate == pytest.approx(3 / 0.060)
    assert told.byte_rate == pytest.approx(600 / 0.060)


def test_several_requests_of_one_operation_share_its_time(plan: Plan):
    events = [
        replace(operation(0, "connect", 1), conn="first"),
        service(1, "accepted", 1),
        replace(operation(30, "request", 1, took=30, times=3), conn="first"),
    ]
    (told,) = clients_by_service(plan, events)
    assert (told.requests, told.median_request) == (3, 10 * MS)


def test_a_service_that_nobody_came_to_is_left_out(plan: Plan):
    assert clients_by_service(plan, [operation(0, "connect", 1)]) == ()


def test_a_client_without_requests_has_no_times(plan: Plan):
    (told,) = clients_by_service(plan, [service(1, "accepted", 1)])
    assert (told.median_request, told.request_rate, told.byte_rate) == (None, None, None)


def transferred(sent: str, **data: Any) -> list[Event]:
    connect = operation(0, "connect", 1)
    told = {"op": "transfer", "status": "ok", "bytes": 1000, "took": 5 * MS, "goodput": 200_000}
    done = Event(6 * MS, "op", "c1", "first", told | {"sent_sha256": sent} | data)
    return [Event(0, "op", "c1", "first", {**connect.data, "index": None}), done]


@pytest.mark.parametrize(("received", "intact"), [("abc", True), ("xyz", False)])
def test_a_transfer_is_intact_when_its_server_got_what_was_sent(received: str, intact: bool):
    served = service(7, "served", 1, received_sha256=received)
    (told,) = transfers([*transferred("abc"), served])
    assert (told.name, told.size, told.goodput, told.intact) == ("first", 1000, 200_000, intact)


def test_without_the_servers_account_nobody_knows():
    (told,) = transfers(transferred("abc"))
    assert told.intact is None


def test_a_transfer_that_failed_is_none():
    assert not list(transfers(transferred("abc", status="error")))
