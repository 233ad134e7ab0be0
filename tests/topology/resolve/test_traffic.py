"""Steps that do much at once, and the options of sockets."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

import pytest

from netlab.topology.options import Keepalive, SocketOptions
from netlab.topology.plan import Plan, Reading
from netlab.topology.stacks import Stack
from netlab.topology.steps import (
    Connect,
    Fill,
    Flood,
    Many,
    Payload,
    Receive,
    Reset,
    Send,
    SetOptions,
    Transfer,
)

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]


def with_steps(*steps: str) -> str:
    lines = indent("\n".join(f"- {step}" for step in steps), "  ")
    return f"name: traffic\nnodes: {{c: , s: }}\nlinks: [c -- s]\nscenario:\n{lines}\n"


def with_service(service: str) -> str:
    return f"name: a\nnodes: {{a: {{services: [{service}]}}}}\n"


CONNECTED = "{node: c, connect: tcp s:7, as: t}"
DATAGRAMS = "{node: c, connect: udp s:7, as: u}"


def test_traffic_over_a_connection(lab: Loading) -> None:
    plan = lab(
        with_steps(
            CONNECTED,
            "{transfer: 1 MiB, over: t}",
            "{fill: t}",
            "{fill: t, by: 10 bytes}",
            "{send: x, over: t, urgent: true}",
            "{receive: urgent, over: t}",
            "{receive: 10 bytes, over: t, by: 2 bytes, every: 10ms}",
            "{reset: t}",
        )
    )
    _, transfer, fill, small, send, urgent, slow, reset = plan.steps
    assert isinstance(transfer, Transfer)
    assert (transfer.name, transfer.node, transfer.size) == ("t", "c", 1 << 20)
    assert isinstance(fill, Fill)
    assert fill.by == 1000
    assert isinstance(small, Fill)
    assert small.by == 10
    assert isinstance(send, Send)
    assert send.urgent
    assert isinstance(urgent, Receive)
    assert urgent.urgent
    assert isinstance(slow, Receive)
    assert (slow.size, slow.by, slow.every) == (10, 2, 0.01)
    assert isinstance(reset, Reset)


def test_many_connections_have_one_name(lab: Loading) -> None:
    plan = lab(
        with_steps(
            "{node: c, many: {connect: tcp6 s:7, count: 200, send: 100 bytes, receive: 1 KB,"
            " times: 2, hold: 1s, rate: 100/s, within: 2s, nodelay: true}, as: crowd}",
            "{pause: 1s, after: crowd established}",
            "{node: c, many: {connect: tcp s:7, count: 1}}",
        )
        + "expect:\n  - {packets: tcp, over: crowd}\n  - {errno: {crowd: none}}\n"
    )
    many, _, unnamed = plan.steps
    assert isinstance(many, Many)
    assert (many.name, many.address, many.port, many.count) == ("crowd", "fd00::2", 7, 200)
    assert (many.payload, many.reply, many.times) == (Payload(100), 1000, 2)
    assert (many.hold, many.rate, many.patience) == (1.0, 100.0, 2.0)
    assert many.options.nodelay
    assert isinstance(unnamed, Many)
    assert (unnamed.name, unnamed.payload, unnamed.rate) == ("c-many-1", None, None)


def test_a_flood(lab: Loading) -> None:
    plan = lab(with_steps('{node: c, flood: {syn: "s:7", count: 9, from: "fd09::/64"}, as: f}'))
    (flood,) = plan.steps
    assert isinstance(flood, Flood)
    assert (flood.address, flood.port, flood.sources) == ("fd00::2", 7, "fd09::/64")


OPTIONS = {
    "linger: 0s": SocketOptions(linger=0),
    "linger: off": SocketOptions(linger="off"),
    "nodelay: true": SocketOptions(nodelay=True),
    "keepalive: true": SocketOptions(keepalive=Keepalive()),
    "keepalive: false": SocketOptions(keepalive=Keepalive(on=False)),
    "keepalive: {idle: 2s, interval: 1s, count: 3}": SocketOptions(
        keepalive=Keepalive(idle=2, interval=1, count=3)
    ),
    "user_timeout: 1500ms": SocketOptions(user_timeout=1.5),
    "reuse_address: true, reuse_port: false": SocketOptions(reuse_address=True, reuse_port=False),
    "ttl: 1": SocketOptions(ttl=1),
    "dscp: ef": SocketOptions(tos=184),
    "dscp: 10, ecn: ce": SocketOptions(tos=43),
    "dscp: af43": SocketOptions(tos=152),
    "dscp: cs1": SocketOptions(tos=32),
    "ecn: ect0": SocketOptions(tos=2),
    "tos: 255": SocketOptions(tos=255),
    "urgent_inline: true": SocketOptions(urgent_inline=True),
}


@pytest.mark.parametrize("text", OPTIONS)
def test_an_option_of_a_client_a_service_and_a_connection(lab: Loading, text: str) -> None:
    plan = lab(
        with_steps(f"{{node: c, connect: tcp s:7, as: t, {text}}}", f"{{set: {{{text}}}, over: t}}")
    )
    connect, change = plan.steps
    assert isinstance(connect, Connect)
    assert isinstance(change, SetOptions)
    assert connect.options == change.options == OPTIONS[text]
    (service,) = lab(with_service(f"{{echo: tcp, {text}}}")).node("a").services
    assert service.options == OPTIONS[text]


def test_of_several_sockets_each_has_the_options_of_its_transport(lab: Loading) -> None:
    tcp, udp = lab(with_service("{echo: [tcp, udp], nodelay: true, ttl: 3}")).node("a").services
    assert tcp.options == SocketOptions(nodelay=True, ttl=3)
    assert udp.options == SocketOptions(ttl=3)


def test_a_service_of_each_kind(lab: Loading) -> None:
    plan = lab(
        "name: a\nnodes:\n  a:\n    services:\n"
        "      - {echo: tcp, model: prefork, workers: 3, accept_lock: true}\n"
        "      - {discard: tcp, model: epoll, read: {after: 2s, size: 10 bytes, every: 1ms}}\n"
        "      - {discard: tcp/10, read: {until_eof: true}}\n"
        "      - {chargen: tcp, size: 1 MiB}\n"
        "      - {daytime: udp, model: thread}\n"
    )
    echo, discard, whole, chargen, daytime = plan.node("a").services
    assert (echo.model, echo.workers, echo.accept_lock) == ("prefork", 3, True)
    assert discard.read == Reading(2.0, 10, 0.001)
    assert whole.read == Reading(0.0, 65_536, 0.0, until_eof=True)
    assert (chargen.model, chargen.workers, chargen.size) == (None, 4, 1 << 20)
    assert [chargen.model_on(stack) for stack in Stack] == ["fork", "asyncio"]
    assert daytime.model == "thread"


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ((DATAGRAMS, "{transfer: 1 KB, over: u}"), "'u' is a connected UDP socket, not a TCP"),
        ((CONNECTED, "{fill: t, by: 0 bytes}"), "nothing fills no buffer"),
        ((CONNECTED, "{receive: 9 bytes, over: t, by: 0 bytes}"), "nothing is read that way"),
        ((DATAGRAMS, "{receive: urgent, over: u}"), "only TCP has urgent data"),
        ((DATAGRAMS, "{send: x, over: u, urgent: true}"), "only TCP has urgent data"),
        ((CONNECTED, "{send: x, over: t, urgent: true, more: true}"), "is not held back"),
        ((CONNECTED, "{set: {}, over: t}"), "there is no option in it"),
        ((CONNECTED, "{set: {nodely: true}, over: t}"), "did you mean 'nodelay'?"),
        ((DATAGRAMS, "{set: {nodelay: true}, over: u}"), "UDP has no 'nodelay'"),
        (("{node: c, connect: udp s:7, linger: 0s}",), "UDP has no 'linger'"),
        (("{node: c, open: udp, mss: 500}",), "UDP has no 'mss'"),
        (("{node: c, connect: tcp s:7, checksum: false}",), "TCP has no 'checksum' to choose"),
        (("{node: c, connect: tcp s:7, linger: 500ms}",), "whole seconds here"),
        (("{node: c, connect: tcp s:7, keepalive: {idle: 0s}}",), "1s to 32767s"),
        (("{node: c, connect: tcp s:7, keepalive: {count: 200}}",), "a count of probes is 1 to"),
        (("{node: c, connect: tcp s:7, dscp: af5}",), "a DSCP is 0 to 63 or a name"),
        (("{node: c, connect: tcp s:7, dscp: 64}",), "a DSCP is 0 to 63 or a name"),
        (("{node: c, connect: tcp s:7, tos: 4, dscp: 1}",), "write either"),
        (("{node: c, connect: tcp s:7, ttl: 0}",), "a TTL is 1 to 255"),
        (("{node: c, many: {connect: udp s:7, count: 2}}",), "only TCP has connections"),
        (("{node: c, many: {connect: tcp s:7, count: 0}}",), "a count is 1 to 100000"),
        (("{node: c, many: {connect: tcp s:7, count: 2, rate: 5}}",), "how often looks like 100/s"),
        (("{node: c, many: {connect: tcp s:7, count: 2, rate: 0/s}}",), "how often looks like"),
        (("{node: c, many: {connect: tcp x:7, count: 2}}",), "'x'"),
        (("{node: c, flood: {syn: s, count: 2, from: 10.9.0.0/16}}",), "needs a host and a port"),
        (("{node: c, flood: {syn: 's:7', count: 2, from: 10.9.0.1}}",), "is no subnet"),
        (
            (
                "{node: c, many: {connect: tcp s:7, count: 2}, as: crowd}",
                "{send: x, over: crowd}",
            ),
            "'crowd' is a group of connections",
        ),
    ],
)
def test_one_mistake_is_one_sentence(refused: Refusing, steps: tuple[str, ...], says: str) -> None:
    (line,) = refused(with_steps(*steps))
    assert says in line
    assert line.startswith(f"lab.yaml:{4 + len(steps)}:")


@pytest.mark.parametrize(
    ("service", "says"),
    [
        ("{echo: tcp, workers: 3}", "only prefork or prethread servers have workers"),
        ("{echo: tcp, model: fork, accept_lock: true}", "servers have workers"),
        ("{echo: tcp, model: prefork, workers: 0}", "a number of workers is 1 to 256"),
        ("{echo: tcp, model: epol}", "(did you mean 'epoll'?)"),
        ("{echo: tcp, model: epoll, sigurg: true}", "know whose SIGURG it is"),
        ("{daytime: tcp, read: {after: 1s}}", "daytime reads nothing"),
        ("{echo: tcp, read: {size: 0 bytes}}", "nothing is read that way"),
        ("{echo: tcp, size: 1 KB}", "only chargen has no end of its own"),
        ("{echo: udp, nodelay: true}", "UDP has no 'nodelay'"),
        ("{echo: tcp, checksum: false}", "TCP has no 'checksum' to choose"),
        ("{echo: udp, read: {after: 1s}}", "UDP has no 'read'"),
    ],
)
def test_one_mistake_of_a_service_is_one_sentence(
    refused: Refusing, service: str, says: str
) -> None:
    (line,) = refused(with_service(service))
    assert says in line
