"""Who looks at connections for what a scenario injects, and what is asked of it then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from netlab.collect.eventlog import EventLog
from netlab.scenario.injections import watch_flows
from netlab.scenario.player import Player
from netlab.testing import plans
from netlab.testing.backend import PlayedBackend
from netlab.topology.filters import IcmpReply
from netlab.topology.options import SocketOptions
from netlab.topology.plan import Plan
from netlab.topology.steps import (
    Connect,
    Extension,
    Inject,
    InjectDatagram,
    InjectSegment,
    Parallel,
    Payload,
    Replay,
    SegmentNumber,
    Step,
    Timing,
)

COMMON: dict[str, Any] = {"where": "", "text": "", "timing": Timing(within=3)}
FIRST = Connect(
    **COMMON,
    node="c1",
    name="first",
    transport="tcp",
    host="server",
    address="10.0.1.1",
    port=7,
    local_port=1500,
    options=SocketOptions(),
)
ERROR = Inject(**COMMON, node="r1", connection="first", error=IcmpReply(4, 3, 1))
SEGMENT = InjectSegment(
    **COMMON,
    node="r1",
    connection="first",
    to_opener=False,
    flags=("ack",),
    sequence=SegmentNumber(10, is_relative=True),
    acknowledgment=SegmentNumber(1, is_relative=False),
    timestamp=None,
    payload=Payload(5),
)


def replay(expression: str, nth: int = 1, *, node: str = "r1") -> Replay:
    return Replay(**COMMON, node=node, connection="first", expression=expression, nth=nth)


class AskedBackend(PlayedBackend):
    """Notes all of what it is asked, which it does."""

    def __init__(self, log: EventLog) -> None:
        super().__init__(log.tell)
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    async def call(self, node: str, do: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append((node, do, arguments))
        return await super().call(node, do, **arguments)


def lab(*steps: Step) -> Plan:
    return replace(plans.routed(), steps=steps)


def watched(plan: Plan, log: EventLog, only: str | None = None) -> list[tuple[str, Any]]:
    backend = AskedBackend(log)
    asyncio.run(watch_flows(plan, backend, only))
    assert all(do == "remember" for _, do, _ in backend.asked)
    return [(node, arguments["replays"]) for node, _, arguments in backend.asked]


def played(log: EventLog, *steps: Step) -> list[tuple[str, str, dict[str, Any]]]:
    """What is asked after the connect."""
    backend = AskedBackend(log)
    asyncio.run(Player(lab(FIRST, *steps), backend, log).play())
    return backend.asked[1:]


def test_a_node_that_injects_is_asked_to_look(log: EventLog) -> None:
    plan = lab(FIRST, Parallel(**COMMON, branches=((ERROR,), (SEGMENT,))))

    assert watched(plan, log) == [("r1", {})]


def test_a_message_that_quotes_nothing_needs_no_look(log: EventLog) -> None:
    told = Inject(
        **COMMON, node="r1", connection=None, error=IcmpReply(4, 9, 0), address="10.0.0.2"
    )

    assert watched(lab(told), log) == []


def test_what_is_sent_again_has_to_be_kept(log: EventLog) -> None:
    plan = lab(FIRST, replay("tcp", 2), SEGMENT, replay("udp"), replay("tcp"))

    assert watched(plan, log) == [("r1", {"tcp": [2, 1], "udp": [1]})]


def test_a_node_that_comes_back_is_asked_alone(log: EventLog) -> None:
    plan = lab(FIRST, replay("tcp"), replay("tcp", node="r2"))

    assert watched(plan, log, only="r2") == [("r2", {"tcp": [1]})]


def test_a_segment_is_asked_for_by_its_connection(log: EventLog) -> None:
    ((node, do, asked),) = played(log, SEGMENT)

    assert (node, do) == ("r1", "inject-segment")
    assert asked == {
        "conn": "first",
        "transport": "tcp",
        "local": None,
        "local_port": 1500,
        "foreign": "10.0.1.1:7",
        "to_opener": False,
        "flags": ("ack",),
        "sequence": (10, True),
        "acknowledgment": (1, False),
        "timestamp": None,
        "window": None,
        "urgent": None,
        "mss": None,
        "payload_text": None,
        "payload_hex": None,
        "payload_size": 5,
        "seed": plans.routed().seed,
        "within": 3,
    }


def test_so_is_an_error_and_what_is_sent_again(log: EventLog) -> None:
    error, again = played(log, ERROR, replay("tcp", 2))

    assert error[1] == "inject"
    assert {key: error[2][key] for key in ("type", "code", "parameter")} == {
        "type": 3,
        "code": 1,
        "parameter": 0,
    }
    assert again[1] == "replay"
    assert (again[2]["expression"], again[2]["nth"], again[2]["conn"]) == ("tcp", 2, "first")


def test_a_datagram_is_asked_for_with_all_that_it_has(log: EventLog) -> None:
    step = InjectDatagram(
        **COMMON,
        node="c1",
        address="fd00:1::1",
        port=7,
        local_port=2000,
        payload=Payload(2, hex="0a0b"),
        flow_label=5,
        extensions=(Extension(60, b"\1\0"),),
        fragments=(range(8, 10), range(8)),
    )
    ((node, do, asked),) = played(log, step)

    assert (node, do) == ("c1", "inject-datagram")
    assert asked == {
        "address": "fd00:1::1",
        "port": 7,
        "local_port": 2000,
        "hop_limit": 64,
        "identification": None,
        "dont_fragment": False,
        "flow_label": 5,
        "options": "",
        "extensions": [(60, "0100")],
        "fragments": [(8, 10), (0, 8)],
        "payload_text": None,
        "payload_hex": "0a0b",
        "payload_size": 2,
        "seed": plans.routed().seed,
    }
