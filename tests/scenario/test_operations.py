from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from netlab.scenario.operations import service_request, step_request
from netlab.testing import plans
from netlab.topology.options import SocketOptions
from netlab.topology.plan import Reading, Service
from netlab.topology.program import Command, Probe
from netlab.topology.steps import (
    Await,
    Close,
    Connect,
    Exec,
    Exit,
    Fill,
    Flood,
    Framing,
    Kill,
    KillProgram,
    Many,
    NodeStep,
    Open,
    Pause,
    Payload,
    Receive,
    Request,
    Reset,
    Send,
    SetOptions,
    Shutdown,
    Start,
    Timing,
    Transfer,
)

COMMON: dict[str, Any] = {
    "where": "lab.yaml:1:1",
    "text": "what the report says",
    "timing": Timing(within=3.0),
    "node": "c1",
}
NO_OPTIONS = SocketOptions()
PINGS = Command(argv=("ping", "server"), env=(("LANG", "C"),), cwd="/tmp", given="a line\n")
PING = {
    "argv": ["ping", "server"],
    "env": {"LANG": "C"},
    "cwd": "/tmp",
    "unprivileged": False,
    "input": "a line\n",
}


def asked(step: NodeStep) -> dict[str, Any]:
    """The request, without what every step has."""
    request = step_request(step, replace(plans.two_hosts(), seed=9))
    assert (request.pop("within"), request.pop("seed")) == (3.0, 9)
    return request


def test_connect_over_tcp_uses_its_nodes_congestion_control():
    step = Connect(
        **COMMON,
        name="first",
        transport="tcp",
        host="server",
        address="10.0.0.1",
        port=7,
        local_port=1500,
        options=replace(NO_OPTIONS, mss=536),
    )
    request = asked(step)
    options = request.pop("options")
    assert request == {
        "do": "connect",
        "conn": "first",
        "transport": "tcp",
        "address": "10.0.0.1",
        "port": 7,
        "local_address": None,
        "local_port": 1500,
        "process": None,
        "unprivileged": False,
    }
    assert (options["mss"], options["congestion"]) == (536, "cubic")


def test_a_socket_may_choose_its_own_congestion_control():
    options = replace(NO_OPTIONS, congestion="reno")
    step = Connect(
        **COMMON,
        name="first",
        transport="tcp",
        host="server",
        address="10.0.0.1",
        port=7,
        options=options,
    )
    assert asked(step)["options"]["congestion"] == "reno"


def test_udp_has_no_congestion_control():
    step = Open(**COMMON, name="first", process="p", options=NO_OPTIONS)
    request = asked(step)
    assert (request["do"], request["transport"], request["process"]) == ("open", "udp", "p")
    assert request["options"]["congestion"] is None


@pytest.mark.parametrize(
    ("step", "request_"),
    [
        (
            Send(**COMMON, name="first", payload=Payload(5, "hello"), to=("10.0.0.1", 7)),
            {
                "do": "send",
                "conn": "first",
                "to": ("10.0.0.1", 7),
                "more": False,
                "urgent": False,
                "payload_text": "hello",
                "payload_size": 5,
            },
        ),
        (
            Receive(**COMMON, name="first", size=100),
            {
                "do": "receive",
                "conn": "first",
                "size": 100,
                "text": None,
                "urgent": False,
                "nothing": False,
                "by": None,
                "every": 0.0,
            },
        ),
        (
            Receive(**COMMON, name="first", expected_text="hello"),
            {
                "do": "receive",
                "conn": "first",
                "size": None,
                "text": "hello",
                "urgent": False,
                "nothing": False,
                "by": None,
                "every": 0.0,
            },
        ),
        (
            Request(**COMMON, name="first", payload=Payload(10), reply=20, times=3, think=0.5),
            {
                "do": "request",
                "conn": "first",
                "reply": 20,
                "times": 3,
                "think": 0.5,
                "payload_text": None,
                "payload_size": 10,
            },
        ),
        (
            Receive(**COMMON, name="first", size=9, by=3, every=0.5),
            {
                "do": "receive",
                "conn": "first",
                "size": 9,
                "text": None,
                "urgent": False,
                "nothing": False,
                "by": 3,
                "every": 0.5,
            },
        ),
        (
            SetOptions(**COMMON, name="first", options=SocketOptions(nodelay=True)),
            {"do": "set", "conn": "first", "options": {"nodelay": True, "acks": "default"}},
        ),
        (
            Transfer(**COMMON, name="first", size=99),
            {"do": "transfer", "conn": "first", "payload_text": None, "payload_size": 99},
        ),
        (
            Fill(**COMMON, name="first", by=99),
            {"do": "fill", "conn": "first", "payload_text": None, "payload_size": 99},
        ),
        (
            Flood(
                **COMMON,
                name="flood",
                address="10.0.0.1",
                port=7,
                count=9,
                sources="10.1.0.0/16",
                rate=None,
            ),
            {
                "do": "flood",
                "conn": "flood",
                "address": "10.0.0.1",
                "port": 7,
                "count": 9,
                "sources": "10.1.0.0/16",
                "rate": None,
            },
        ),
        (Reset(**COMMON, name="first"), {"do": "reset", "conn": "first"}),
        (Shutdown(**COMMON, name="first"), {"do": "shutdown", "conn": "first"}),
        (Close(**COMMON, name="first"), {"do": "close", "conn": "first"}),
        (Exit(**COMMON, process="p"), {"do": "exit", "process": "p"}),
        (
            Kill(**COMMON, process="p", signal="SIGKILL"),
            {"do": "kill", "process": "p", "signal": "SIGKILL"},
        ),
        (
            Exec(**COMMON, name="ping", command=PINGS),
            {"do": "exec", "conn": "ping", **PING},
        ),
        (
            Start(**COMMON, name="ping", command=PINGS, ready=Probe(log="bytes from")),
            {"do": "start", "conn": "ping", "ready": {"log": "bytes from"}, **PING},
        ),
        (
            KillProgram(**COMMON, name="ping", signal="SIGINT"),
            {"do": "signal", "conn": "ping", "signal": "SIGINT"},
        ),
        (
            Await(**COMMON, name="ping"),
            {"do": "await", "conn": "ping"},
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, NodeStep) else "",
)
def test_a_step_as_a_request(step: NodeStep, request_: dict[str, Any]):
    assert asked(step) == request_


def test_a_step_that_is_no_agents_work():
    pause = Pause(where="", text="", timing=Timing(), duration=1.0)
    with pytest.raises(TypeError, match="no agent performs Pause"):
        step_request(pause, plans.two_hosts())  # type: ignore[arg-type] # the point


def test_a_service_as_a_request():
    service = Service("echo", "tcp", 7, think=0.1, options=replace(NO_OPTIONS, mss=536))
    request = service_request(service, plans.two_hosts().node("server"))
    options = request.pop("options")
    assert request == {
        "do": "service",
        "service": "echo tcp/7",
        "protocol": "echo",
        "transport": "tcp",
        "port": 7,
        "address": None,
        "model": "fork",
        "backlog": 128,
        "think": 0.1,
        "close_after": 0.0,
        "workers": 4,
        "accept_lock": False,
        "groups": (),
        "read": None,
        "size": None,
        "sigurg": False,
    }
    assert (options["mss"], options["congestion"]) == (536, "cubic")


def test_many_connections_use_their_nodes_congestion_control():
    step = Many(
        **COMMON,
        name="crowd",
        host="server",
        address="10.0.0.1",
        port=7,
        count=200,
        payload=Payload(10),
        reply=20,
        times=2,
        hold=1.0,
        rate=100.0,
        patience=5.0,
        options=replace(NO_OPTIONS, nodelay=True),
    )
    request = asked(step)
    options = request.pop("options")
    assert request == {
        "do": "many",
        "conn": "crowd",
        "address": "10.0.0.1",
        "port": 7,
        "count": 200,
        "payload_text": None,
        "payload_size": 10,
        "reply": 20,
        "times": 2,
        "hold": 1.0,
        "rate": 100.0,
        "patience": 5.0,
    }
    assert (options["nodelay"], options["congestion"]) == (True, "cubic")


def test_how_slowly_a_server_reads_is_part_of_its_request():
    service = Service("echo", "tcp", 7, read=Reading(1.0, 100, 0.5), size=None)
    request = service_request(service, plans.two_hosts().node("server"))
    assert request["read"] == {"after": 1.0, "size": 100, "every": 0.5, "until_eof": False}


@pytest.mark.parametrize(
    ("framing", "framed"),
    [
        (Framing(size=8), {"size": 8}),
        (Framing(until="\n"), {"until": "\n"}),
        (Framing(prefix=2), {"prefix": 2}),
    ],
)
def test_messages_are_sent_and_received_with_their_framing(
    framing: Framing, framed: dict[str, Any]
) -> None:
    send = Send(**COMMON, name="first", payload=Payload(2, "Hi"), framed=framing)
    assert asked(send)["framed"] == framed
    assert asked(Receive(**COMMON, name="first", framed=framing))["framed"] == framed
    assert "framed" not in asked(Receive(**COMMON, name="first", size=1))
