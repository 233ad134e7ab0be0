from __future__ import annotations

from dataclasses import replace

from netlab.analyse.model import Connection
from netlab.collect.events import Event
from netlab.report.calls import Call, calls
from netlab.report.run import Run


def test_a_call_that_waited_for_a_packet_begins_and_returns(observed: Connection, run: Run) -> None:
    told = [call.text for call in calls(observed, run.events) if call.at_client]
    assert told == [
        "connect",
        "connect returns",
        "send 100 bytes",
        "receive",
        "receive returns 100 bytes",
        "close",
    ]


def test_a_call_begins_as_long_before_its_event_as_it_took(observed: Connection, run: Run) -> None:
    connect, *_ = calls(observed, run.events)
    assert connect == Call(-1_000, at_client=True, text="connect")


def test_a_service_shows_what_it_does_for_this_connection_only(observed: Connection) -> None:
    def accepted(foreign: str, node: str = "server") -> Event:
        return Event(1, "service", node, data={"status": "accepted", "foreign": foreign})

    mine = accepted("10.0.0.2:1500")
    others = accepted("10.0.0.2:1501"), accepted("10.0.0.2:1500", "other")
    assert calls(observed, (mine, *others)) == (Call(1, at_client=False, text="accept returns"),)


def test_what_a_service_did_for_the_pair_before_and_after_is_not_shown(
    observed: Connection,
) -> None:
    def service(t: int, status: str, took: int | None = None) -> Event:
        data = {"status": status, "foreign": "10.0.0.2:1500", "took": took}
        return Event(observed.t + t, "service", "server", data=data)

    told = calls(
        observed,
        [
            service(-50, "accepted"),
            service(10, "accepted"),
            service(20, "served", took=70),
            service(30, "served", took=20),
            service(90, "accepted"),
            service(95, "served", took=5),
        ],
    )

    assert [(call.t - observed.t, call.text) for call in told] == [
        (10, "accept returns"),
        (30, "served"),
    ]


def test_another_service_of_the_node_does_nothing_for_it(observed: Connection) -> None:
    data = {"status": "accepted", "local": "10.0.0.1:8", "foreign": "10.0.0.2:1500"}
    assert calls(observed, [Event(1, "service", "server", data=data)]) == ()


def test_a_wait_for_nothing_ends_with_nothing(observed: Connection) -> None:
    data = {"op": "receive", "status": "ok", "nothing": True, "bytes": 0, "took": 200_000}
    assert calls(observed, [Event(9, "op", "c1", "first", data)]) == (
        Call(9, at_client=True, text="nothing has come"),
    )


def test_a_datagram_cut_to_its_buffer_shows_both_lengths(observed: Connection) -> None:
    data = {"op": "receive-datagram", "bytes": 10, "length": 100, "truncated": True}
    (call,) = calls(observed, [Event(9, "op", "c1", "first", data)])
    assert call.text == "receive 10 of 100 bytes"


def test_a_failed_call_says_its_errno(observed: Connection) -> None:
    data = {"op": "connect", "status": "error", "errno": "ECONNREFUSED", "took": 50_000}
    assert calls(observed, [Event(9, "op", "c1", "first", data)]) == (
        Call(9, at_client=True, text="connect fails: ECONNREFUSED"),
    )


def test_other_connections_calls_are_not_shown(observed: Connection, run: Run) -> None:
    other = replace(observed, name="second")
    assert [call.text for call in calls(other, run.events)] == ["accept returns"]


def test_an_operation_at_the_server_stands_there(observed: Connection) -> None:
    (call,) = calls(observed, [Event(9, "op", "server", "first", {"op": "close"})])
    assert not call.at_client


def test_datagrams_of_the_same_ports_accept_nothing(observed: Connection) -> None:
    data = {"status": "accepted", "foreign": "10.0.0.2:1500"}
    datagrams = replace(observed, transport="udp")
    assert calls(datagrams, [Event(1, "service", "server", data=data)]) == ()
