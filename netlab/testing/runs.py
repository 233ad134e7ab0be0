"""Runs made of packet dialogues and events."""

from __future__ import annotations

import re
from collections.abc import Sequence

from netlab.analyse import analyse
from netlab.analyse.model import Analysis, Connection, Sighting, Transit
from netlab.collect.events import Event
from netlab.stack.tcp.variables import VARIABLES, Kind
from netlab.testing.dialogue import MILLISECOND, dialogue
from netlab.topology.plan import Plan

_DOTTED = re.compile("^(SND|RCV|timer)_")


def analysed(plan: Plan, text: str, events: Sequence[Event] = ()) -> Analysis:
    """The analysis of a dialogue; ``events`` come beside its packets."""
    sightings = dialogue(plan, text)
    captures = [
        Event(0, "capture", node.name, data=_counts(sightings, node.name, interface.name))
        for node in plan.nodes
        for interface in node.interfaces
    ]
    return analyse(plan, [*events, *captures], sightings)


def _counts(sightings: Sequence[Sighting], node: str, interface: str) -> dict[str, object]:
    own = [one for one in sightings if (one.node, one.interface) == (node, interface)]
    return {"interface": interface, "packets": len(own), "drops": 0}


def only_connection(plan: Plan, text: str, events: Sequence[Event] = ()) -> Connection:
    """The dialogue's one connection; ValueError when there are more or none."""
    (connection,) = analysed(plan, text, events).connections
    return connection


def connected(
    name: str,
    *,
    at: float = 5.0,
    took: float = 4.5,
    local: str = "10.0.0.2:40000",
    foreign: str = "10.0.0.1:7",
    node: str = "c1",
) -> Event:
    """The event of a connect that ended ``at`` milliseconds and took ``took``."""
    data = {"op": "connect", "status": "ok", "local": local, "foreign": foreign}
    return operation(name, node=node, at=at, took=int(took * MILLISECOND), **data)


def connected_both_ways(name: str, back: str) -> list[Event]:
    """``c1`` connected to ``server`` and ``server``, which calls it ``back``, to ``c1``."""
    other = connected(back, node="server", local="10.0.0.1:7", foreign="10.0.0.2:40000")
    return [connected(name), other]


def operation(name: str, *, node: str = "c1", at: float = 10.0, **data: object) -> Event:
    """An ``op`` event ``at`` milliseconds."""
    return Event(int(at * MILLISECOND), "op", node, name, {"status": "ok", **data})


def tcp_info(
    *,
    at: float,
    node: str = "c1",
    local: str = "10.0.0.2:40000",
    foreign: str = "10.0.0.1:7",
    **values: object,
) -> Event:
    """A `tcpinfo` event ``at`` milliseconds; ``values`` are those that matter."""
    data = {
        "cwnd": 10,
        "ssthresh": None,
        "mss": 1448,
        "srtt": MILLISECOND,
        "rttvar": MILLISECOND,
        "rto": 204 * MILLISECOND,
        "unacked": 0,
        "sacked": 0,
        "lost": 0,
        "retrans": 0,
        "total_retrans": 0,
        "phase": "open",
    }
    told = {"local": local, "foreign": foreign, **data, **values}
    return Event(int(at * MILLISECOND), "tcpinfo", node, data=told)


def variables(
    at: float,
    *,
    node: str = "c1",
    local: str = "10.0.0.2:40000",
    foreign: str = "10.0.0.1:7",
    **values: int | None,
) -> Event:
    """A `variables` event ``at`` milliseconds; names have ``_`` for the RFC's dot.

    Those that are not given are as after the first SYN of ISS 1000; timers are off.
    """
    data = {
        "ISS": 1000,
        "SND.UNA": 1000,
        "SND.NXT": 1001,
        "SND.WND": 0,
        "SND.UP": 1000,
        "SND.WL1": 0,
        "SND.WL2": 0,
        "IRS": 0,
        "RCV.NXT": 0,
        "RCV.WND": 0,
        "RCV.UP": 0,
        "MSS": 536,
        "cwnd": 536,
        "ssthresh": 1 << 62,
        "srtt": 0,
        "rttvar": 0,
        "rto": 1000 * MILLISECOND,
        "in_flight": 1,
        "backoffs": 0,
        **{name: None for name, each in VARIABLES.items() if each.kind is Kind.TIMER},
    }
    data |= {_DOTTED.sub(r"\1.", name): value for name, value in values.items()}
    pair = {"transport": "tcp", "local": local, "foreign": foreign}
    return Event(round(at * MILLISECOND), "variables", node, data={**pair, "values": data})


def sent(transit: Transit) -> Sighting:
    """Where its source sent it; AssertionError when no source is known."""
    assert transit.sent is not None
    return transit.sent


def received(transit: Transit) -> Sighting:
    """Where its destination took it; AssertionError when it never arrived."""
    assert transit.received is not None
    return transit.received
