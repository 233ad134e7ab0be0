"""A run after UNP figure 2-5, made by hand: what analyse would have made of its packets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_interface, ip_network
from typing import TypedDict

import pytest

from netlab.analyse.model import (
    Analysis,
    Arrow,
    Connection,
    Endpoint,
    PathMtu,
    Sighting,
    Source,
    StateChange,
    Transit,
)
from netlab.analyse.model import End as ConnectionEnd
from netlab.backends.features import Feature
from netlab.collect.counts import InterfaceCount
from netlab.collect.events import Event
from netlab.report.run import HostFacts, Run
from netlab.scenario.verdict import Judgement, Verdict
from netlab.topology.plan import (
    End,
    Interface,
    Link,
    LinkKind,
    Node,
    Offload,
    Plan,
    Role,
    Service,
)
from netlab.wire import address, icmp
from netlab.wire.ethernet import Ethernet
from netlab.wire.ipv4 import Ipv4
from netlab.wire.packet import Packet, decode
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.tcp_options import MaximumSegmentSize, Option

Host = tuple[str, str, int, str]
CLIENT: Host = ("c1", "10.0.0.2", 1500, "02:00:00:00:00:01")
SERVER: Host = ("server", "10.0.0.1", 7, "02:00:00:00:00:02")
US = 1_000


def interface(name: str, link: str, number: int, mtu: int = 1500) -> Interface:
    addresses = (ip_interface(f"10.0.0.{number}/24"), ip_interface(f"fd00::{number}/64"))
    return Interface(name, f"02:00:00:00:00:{number:02x}", mtu, link, addresses, Offload.WIRE)


def plan() -> Plan:
    link = "c1 -- server"
    return Plan(
        name="observed",
        description="The packets of figure 2-5: one request, one reply, a close of four segments.",
        source="topologies/tcp/observed.yaml",
        seed=7,
        nodes=(
            Node("c1", Role.CLIENT, (interface("eth0", link, 2),)),
            Node(
                "server",
                Role.SERVER,
                (interface("eth0", link, 1),),
                services=(Service("echo", "tcp", 7),),
            ),
        ),
        links=(
            Link(
                link,
                LinkKind.POINT_TO_POINT,
                (End("c1", "eth0"), End("server", "eth0")),
                (ip_network("10.0.0.0/24"), ip_network("fd00::/64")),
            ),
        ),
        hosts=(),
        steps=(),
        expectations=(),
        notices=("c1 has no default route: it needs none",),
    )


class Wire:
    """Makes transits between c1 and server, 41 µs long; frame numbers count up."""

    def __init__(self) -> None:
        self.number = 0
        self.arrows: list[Arrow] = []

    def segment(
        self,
        t: int,
        label: str,
        flags: Flags,
        *,
        forward: bool = True,
        sequence: int = 0,
        acknowledgment: int = 0,
        options: tuple[Option, ...] = (),
        size: int = 0,
        lost_after: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> Arrow:
        source, destination = (CLIENT, SERVER) if forward else (SERVER, CLIENT)
        header = Tcp(source[2], destination[2], sequence, acknowledgment, flags, 64240, 0, options)
        packet = segment_packet(header, bytes(size), source, destination)
        sent = self._sighting(t, source[0], packet, outbound=True)
        if lost_after is None:
            received = self._sighting(t + 41 * US, destination[0], packet, outbound=False)
            transit = Transit(sent, received, (sent, received))
        else:
            transit = Transit(sent, None, (sent,), lost_after)
        arrow = Arrow(transit, forward, label, notes=notes)
        self.arrows.append(arrow)
        return arrow

    def _sighting(self, t: int, node: str, packet: Packet, *, outbound: bool) -> Sighting:
        self.number += 1
        return Sighting(self.number, t, node, "eth0", outbound, packet)


def segment_packet(header: Tcp, payload: bytes, source: Host, destination: Host) -> Packet:
    a, b = address.from_text(source[1]), address.from_text(destination[1])
    datagram = Ipv4(a, b, 6, dont_fragment=True).emit(header.emit(payload, a, b))
    return framed(datagram, source, destination)


def framed(datagram: bytes, source: Host, destination: Host) -> Packet:
    macs = address.from_text(destination[3]), address.from_text(source[3])
    return decode(Ethernet(*macs, 0x0800).emit(datagram))


ACK, SYN, FIN, PSH = Flags.ACK, Flags.SYN, Flags.FIN, Flags.PSH


class Numbers(TypedDict, total=False):
    forward: bool
    sequence: int
    acknowledgment: int


def exchange() -> Connection:
    wire = Wire()
    small, large = (MaximumSegmentSize(536),), (MaximumSegmentSize(1460),)
    syn = wire.segment(0, "SYN, MSS 536", SYN, sequence=1000, options=small)
    syn_ack = wire.segment(
        60 * US,
        "SYN, ACK 1, MSS 1460",
        SYN | ACK,
        forward=False,
        sequence=9000,
        acknowledgment=1001,
        options=large,
    )
    ours: Numbers = {"sequence": 1001, "acknowledgment": 9001}
    established = wire.segment(120 * US, "ACK 1", ACK, **ours)
    wire.segment(200 * US, "data 1:101 (100), ACK 1", ACK | PSH, size=100, **ours)
    theirs: Numbers = {"forward": False, "sequence": 9001, "acknowledgment": 1101}
    wire.segment(300 * US, "data 1:101 (100), ACK 101", ACK | PSH, size=100, **theirs)
    ours = {"sequence": 1101, "acknowledgment": 9101}
    wire.segment(360 * US, "ACK 101", ACK, **ours)
    fin = wire.segment(400 * US, "FIN, ACK 101", FIN | ACK, **ours)
    theirs = {"forward": False, "sequence": 9101, "acknowledgment": 1102}
    fin_acked = wire.segment(460 * US, "ACK 102", ACK, **theirs)
    last = wire.segment(900 * US, "FIN, ACK 102", FIN | ACK, **theirs)
    ours = {"sequence": 1102, "acknowledgment": 9102}
    done = wire.segment(960 * US, "ACK 102", ACK, **ours)
    client = (
        sent(syn, "SYN_SENT"),
        received(syn_ack, "ESTABLISHED"),
        sent(fin, "FIN_WAIT_1"),
        received(fin_acked, "FIN_WAIT_2"),
        received(last, "TIME_WAIT"),
    )
    server = (
        StateChange(0, "LISTEN", Source.SOCK_DIAG),
        received(syn, "SYN_RCVD"),
        received(established, "ESTABLISHED"),
        received(fin, "CLOSE_WAIT"),
        sent(last, "LAST_ACK"),
        received(done, "CLOSED"),
    )
    return Connection(
        "first",
        "tcp",
        ConnectionEnd(Endpoint(*CLIENT[:3]), client, 100),
        ConnectionEnd(Endpoint(*SERVER[:3]), server, 100),
        tuple(wire.arrows),
    )


def sent(arrow: Arrow, state: str) -> StateChange:
    assert arrow.transit.sent
    return StateChange(arrow.transit.sent.t, state, Source.TRACE, arrow.transit.sent.number)


def received(arrow: Arrow, state: str) -> StateChange:
    assert arrow.transit.received
    return StateChange(
        arrow.transit.received.t, state, Source.CAPTURE, arrow.transit.received.number
    )


def events() -> tuple[Event, ...]:
    pair = {"local": "10.0.0.1:7", "foreign": "10.0.0.2:1500"}
    return (
        Event(-5_000_000, "run", data={"version": 1, "lab": "observed", "seed": 7}),
        Event(-2_000_000, "node", "c1", data={"status": "ready"}),
        Event(
            -1_000_000, "service", "server", data={"service": "echo tcp/7", "status": "listening"}
        ),
        Event(
            -5 * US,
            "step",
            data={"step": 1, "text": "c1 connects to server:7", "status": "started"},
        ),
        op(110 * US, "connect", took=111 * US),
        Event(
            170 * US,
            "service",
            "server",
            data={"service": "echo tcp/7", "status": "accepted", "pid": 12, **pair},
        ),
        op(205 * US, "send", took=6 * US, bytes=100),
        op(350 * US, "receive", took=140 * US, bytes=100, text="hello"),
        Event(
            380 * US,
            "sockets",
            "server",
            data={
                "moment": "first received",
                "sockets": [
                    {"transport": "tcp", "local": "*:7", "foreign": "*:*", "state": "LISTEN"},
                    {
                        "transport": "tcp",
                        **pair,
                        "state": "ESTABLISHED",
                        "program": "echo",
                        "pid": 12,
                    },
                ],
            },
        ),
        op(401 * US, "close", took=2 * US),
        Event(
            950 * US,
            "program",
            "c1",
            "uname",
            {"argv": ["uname"], "exit_code": 0, "output": "Linux\n"},
        ),
    )


def op(t: int, operation: str, **data: object) -> Event:
    return Event(t, "op", "c1", "first", {"op": operation, "status": "ok", **data})


def run_of(*connections: Connection) -> Run:
    transits = tuple(arrow.transit for c in connections for arrow in c.arrows)
    sightings = tuple(sorted((h for t in transits for h in t.hops), key=lambda hop: hop.number))
    counts = tuple(
        InterfaceCount(node, "eth0", sum(s.node == node for s in sightings), 0)
        for node in ("c1", "server")
    )
    return Run(
        plan=plan(),
        events=events(),
        analysis=Analysis(connections, transits, sightings, counts=counts),
        verdict=Verdict(
            (
                Judgement(
                    "first goes through SYN_SENT, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT",
                    "topologies/tcp/observed.yaml:20:5",
                    True,
                    "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT",
                    "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT",
                    (1, 4),
                ),
                Judgement(
                    "no packet matches tcp.flags.rst",
                    "topologies/tcp/observed.yaml:21:5",
                    True,
                    "0 packets",
                    "0 packets",
                ),
            )
        ),
        command="netlab run topologies/tcp/observed.yaml --seed 7",
        netlab_version="0.1.0",
        backend="netns",
        started=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        files=("topology.yaml", "plan.json", "events.jsonl", "lab.pcapng"),
        host=HostFacts(
            "6.1.0", (Feature("trace", True), Feature("netem", False, "module missing"))
        ),
    )


def failing(run: Run) -> Run:
    unmet = Judgement(
        "one packet matches tcp.flags.fin",
        "topologies/tcp/observed.yaml:22:5",
        False,
        "1 packet",
        "2 packets: frames 13 and 17",
        (13, 17),
    )
    return replace(run, verdict=replace(run.verdict, judgements=(*run.verdict.judgements, unmet)))


def report_icmp(t: int, number: int, mtu: int) -> Transit:
    """A router at 10.0.0.9 tells c1 that its packets to server are too big."""
    c1, router = address.from_text(CLIENT[1]), address.from_text("10.0.0.9")
    quoted = Ipv4(c1, address.from_text(SERVER[1]), 6, dont_fragment=True).emit(bytes(1480))[:28]
    message = icmp.fragmentation_needed(mtu).emit(quoted)
    packet = framed(Ipv4(router, c1, 1).emit(message), SERVER, CLIENT)
    sent = Sighting(number, t, "r1", "eth0", True, packet)
    received = Sighting(number + 1, t + 30 * US, "c1", "eth0", False, packet)
    return Transit(sent, received, (sent, received))


def poisoned(run: Run, text: str) -> Run:
    """``run`` with ``text`` wherever a text can be."""
    (connection,) = run.analysis.connections
    arrow = replace(connection.arrows[0], label=text, notes=(text,))
    packet = replace(arrow.transit.first.packet, problems=(text,))
    hop = replace(arrow.transit.first, node=text, interface=text, packet=packet)
    transit = Transit(None, None, (hop,), text)
    change = StateChange(0, text, connection.client.states[0].source)
    end = replace(connection.client, endpoint=Endpoint(text, text, 1), states=(change,))
    arrows = (replace(arrow, transit=transit), *connection.arrows[1:])
    hostile = Connection(text, "tcp", end, end, arrows)
    data = dict.fromkeys(("text", "step", "op", "errno", "error", "output", "reason"), text)
    sockets = [dict.fromkeys(("transport", "local", "foreign", "state", "program", "pid"), text)]
    kinds = ("step", "op", "program", "notice", "interrupted", "log")
    return replace(
        run,
        plan=poisoned_plan(run.plan, text),
        events=(
            *(Event(0, kind, text, text, {"status": "failed", **data}) for kind in kinds),
            Event(0, "sockets", text, data={"moment": text, "sockets": sockets}),
        ),
        analysis=replace(
            run.analysis,
            connections=(hostile,),
            transits=(transit,),
            path_mtus=(PathMtu(0, text, text, text, 1400),),
            counts=(InterfaceCount(text, text, 1, 1),),
        ),
        verdict=Verdict((Judgement(text, text, False, text, text, (1,)),), (text,), text),
        command=text,
        netlab_version=text,
        backend=text,
        files=(text,),
        host=HostFacts(text, (Feature(text, True, text),)),
    )


def poisoned_plan(clean: Plan, text: str) -> Plan:
    nodes = tuple(
        replace(
            node,
            name=text + node.role,
            interfaces=tuple(replace(i, name=text, link=text) for i in node.interfaces),
        )
        for node in clean.nodes
    )
    ends = tuple(End(node.name, text) for node in nodes)
    links = tuple(replace(link, name=text, ends=ends) for link in clean.links)
    return replace(
        clean, name=text, description=text, source=text, notices=(text,), nodes=nodes, links=links
    )


@pytest.fixture
def observed() -> Connection:
    return exchange()


@pytest.fixture
def segment() -> Callable[..., Arrow]:
    """Called like Wire.segment; frame numbers count up from 1."""
    return Wire().segment


@pytest.fixture
def make_run() -> Callable[..., Run]:
    """Called with connections."""
    return run_of


@pytest.fixture
def too_big() -> Transit:
    return report_icmp(300 * US, 900, 1400)


@pytest.fixture
def run() -> Run:
    return run_of(exchange())


@pytest.fixture
def failed(run: Run) -> Run:
    return failing(run)


@pytest.fixture
def poison(run: Run) -> Callable[[str], Run]:
    """Called with a text, the run with that text wherever a text can be."""
    return lambda text: poisoned(run, text)
