from __future__ import annotations

from collections.abc import Callable
from textwrap import indent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.topology import units
from netlab.topology.expectations import (
    Bounds,
    ConnectionsExpected,
    Count,
    DelayExpected,
    Expectation,
    GoodputExpected,
    IcmpExpected,
    IcmpMeant,
    IntervalsExpected,
    LossExpected,
    MetricExpected,
    OperationsExpected,
    PacketsExpected,
    RateExpected,
    StatesExpected,
    TimeExpected,
)
from netlab.topology.model.expectations.bounds import compared
from netlab.topology.model.expectations.icmp import icmp_error
from netlab.topology.model.expectations.metrics import measure
from netlab.topology.plan import Plan
from netlab.topology.steps import Moment

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]

LAB = """\
name: facts
nodes:
  c: {observe: {tcp_info: 10ms}}
  r: {role: router}
  s: {services: [{echo: tcp/7}]}
links: [c -- r, {ends: [r, s], name: far}, {lan: [c, s], name: shared}]
scenario:
  - {node: c, connect: tcp s:7, as: first}
  - {node: c, open: udp, as: big}
  - {node: c, exec: ping -c1 s, as: p}
expect:
"""
ESTABLISHED, CLOSED = Moment("first", "established"), Moment("first", "closed")


def expecting(*expectations: str) -> str:
    return LAB + indent("\n".join(f"- {each}" for each in expectations), "  ")


Resolving = Callable[[str], Any]


@pytest.fixture
def resolved(lab: Loading) -> Resolving:
    """The only expectation of a text."""

    def only(text: str) -> Expectation:
        (made,) = lab(expecting(text)).expectations
        return made

    return only


def test_a_window_of_packets_and_of_states(resolved: Resolving) -> None:
    packets = resolved("{packets: tcp, after: first established, before: first closed}")
    assert isinstance(packets, PacketsExpected)
    assert (packets.after, packets.before) == (ESTABLISHED, CLOSED)
    assert packets.text == "packets tcp, after first established, before first closed"
    states = resolved("{states: {first: [FIN_WAIT_1]}, after: first established}")
    assert isinstance(states, StatesExpected)
    assert (states.after, states.before) == (ESTABLISHED, None)


def test_never_is_no_packet_to_the_end_of_the_run(resolved: Resolving) -> None:
    never = resolved("{never: tcp.flags.rst, over: first, at: s, after: first established}")
    assert isinstance(never, PacketsExpected)
    assert (never.never, never.count, never.within) == (True, Count("==", 0), 0)
    assert never.text == "never tcp.flags.rst of first, at s, after first established"
    assert resolved("{never: tcp, within: 2s}").within == 2


def test_times_between_moments_and_packets(resolved: Resolving) -> None:
    time = resolved("{time: {from: first established, to: tcp.flags.fin, at: c}, under: 300ms}")
    assert isinstance(time, TimeExpected)
    assert (time.start, time.end, time.at) == (ESTABLISHED, "tcp.flags.fin", "c")
    assert time.bounds == Bounds("under 300ms", high=0.3, includes_high=False)
    assert time.text == "from first established to tcp.flags.fin, at c: under 300ms"


@pytest.mark.parametrize(
    ("said", "bounds"),
    [
        ("at_least: 1s", Bounds("at least 1s", low=1.0)),
        ("between: [180ms, 220ms]", Bounds("180ms to 220ms", 0.18, 0.22)),
        ("near: 1s", Bounds("1s ± 10%", 0.9, 1.1)),
        ("near: 1s, tolerance: 50%", Bounds("1s ± 50%", 0.5, 1.5)),
        ("under: 20us", Bounds("under 20us", high=20 * 1e-6, includes_high=False)),
    ],
)
def test_how_long_it_may_be(resolved: Resolving, said: str, bounds: Bounds) -> None:
    delay = resolved(f"{{delay: udp, {said}}}")
    assert isinstance(delay, DelayExpected)
    assert delay.bounds == bounds
    assert delay.text == f"each udp on its way {bounds}"


def test_intervals_one_by_one_or_all_alike(resolved: Resolving) -> None:
    each = resolved("{intervals: tcp.flags.syn, near: [1s, 2s, 4s], tolerance: 20%}")
    assert isinstance(each, IntervalsExpected)
    assert [str(bounds) for bounds in each.bounds] == ["1s ± 20%", "2s ± 20%", "4s ± 20%"]
    assert len(resolved("{intervals: udp, near: 10ms}").bounds) == 1
    assert len(resolved("{intervals: udp, between: [9ms, 11ms]}").bounds) == 1


def test_rates_of_bits_and_of_packets(resolved: Resolving) -> None:
    bits = resolved("{rate: {of: udp, at: s}, between: [9 Mbit/s, 10 Mbit/s]}")
    assert isinstance(bits, RateExpected)
    assert (bits.bounds, bits.of_packets) == (Bounds("9 Mbit/s to 10 Mbit/s", 9e6, 1e7), False)
    packets = resolved("{rate: {of: udp}, at_least: 100 packets/s}")
    assert (packets.bounds.low, packets.of_packets) == (100, True)
    goodput = resolved('{goodput: {first: ">= 5 Mbit/s"}}')
    assert isinstance(goodput, GoodputExpected)
    assert goodput.bounds == Bounds(">= 5 Mbit/s", low=5_000_000)


def test_icmp_errors_by_name_and_by_number(resolved: Resolving) -> None:
    error = resolved(
        "{icmp: {about: first, is: fragmentation needed, mtu: 1400, from: r, to: c}, count: 1}"
    )
    assert isinstance(error, IcmpExpected)
    assert error.kinds == (IcmpMeant(4, 3, 4),)
    assert (error.about, error.mtu, error.reporter, error.receiver) == ("first", 1400, "r", "c")
    assert error.text == (
        "ICMP fragmentation needed with MTU 1400 about first from r to c, count 1"
    )
    assert resolved("{icmp: {about: big}}").kinds == ()


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("icmp  3/4", (IcmpMeant(4, 3, 4),)),
        ("3/4", (IcmpMeant(4, 3, 4),)),
        ("icmpv6 2/0", (IcmpMeant(6, 2, 0),)),
        ("Packet Too Big", (IcmpMeant(6, 2),)),
        ("port unreachable", (IcmpMeant(4, 3, 3), IcmpMeant(6, 1, 4))),
        ("time exceeded", (IcmpMeant(4, 11), IcmpMeant(6, 3))),
    ],
)
def test_names_of_both_versions(name: str, kinds: tuple[IcmpMeant, ...]) -> None:
    assert icmp_error(name)[1] == kinds


@pytest.mark.parametrize(
    ("said", "passage"),
    [
        ("at: c -- r", (("c:eth0", "r:eth0"), None, None)),
        ('at: c -- r, way: "->"', (("c:eth0",), None, None)),
        ('at: far, way: "<-"', (("s:eth0",), None, None)),
        ("at: shared", (("c:eth1", "s:eth1"), None, None)),
        ("at: r", ((), "r", None)),
        ('at: "r:eth1"', ((), None, "r:eth1")),
    ],
)
def test_where_packets_are_lost(resolved: Resolving, said: str, passage: tuple[Any, ...]) -> None:
    lost = resolved(f"{{lost: {{{said}, what: tcp}}, count: 2}}")
    assert isinstance(lost, LossExpected)
    assert (lost.passage.ends, lost.passage.node, lost.passage.interface) == passage
    assert (lost.survived, lost.expression, lost.count) == (False, "tcp", Count("==", 2))
    assert resolved(f"{{survived: {{{said}}}}}").survived


def test_connections_by_what_they_are(resolved: Resolving) -> None:
    group = resolved(
        "{connections: {of: first, from: c, to: s:7, state: SYN-RCVD, end: server,"
        ' at: first established, with: tcp, without: udp}, count: ">= 200"}'
    )
    assert isinstance(group, ConnectionsExpected)
    assert (group.name, group.from_node, group.to_node, group.to_port) == ("first", "c", "s", 7)
    assert (group.state, group.at_server, group.moment) == ("SYN_RCVD", True, ESTABLISHED)
    assert (group.having, group.without, group.count) == ("tcp", "udp", Count(">=", 200))
    assert group.text == (
        "connections of first from c to s:7 in SYN_RCVD at the server when first established"
        " with tcp without udp, count >= 200"
    )


def test_operations_by_what_they_came_to(resolved: Resolving) -> None:
    done = resolved(
        '{operations: {of: first, op: connect, errno: ETIMEDOUT}, count: 3, took: {p99: "< 1s"}}'
    )
    assert isinstance(done, OperationsExpected)
    assert (done.name, done.op, done.failed, done.errno) == ("first", "connect", True, "ETIMEDOUT")
    assert done.took == (("p99", Bounds("< 1s", high=1.0, includes_high=False)),)
    assert done.text == ("connect of first that failed with ETIMEDOUT, count 3, p99 < 1s")
    assert resolved("{operations: {of: first, errno: none}, count: 3}").failed is False


def test_metrics_of_an_end(lab: Loading) -> None:
    counted, sampled, peer = lab(
        expecting(
            "{metric: {first: [retransmissions == 1, max cwnd >= 10], first@s: bytes <= 4 kB}}"
        )
    ).expectations
    assert isinstance(counted, MetricExpected)
    assert (counted.metric, counted.pick, counted.bounds.low) == ("retransmissions", None, 1)
    assert isinstance(sampled, MetricExpected)
    assert (sampled.metric, sampled.pick, sampled.bounds.low) == ("cwnd", "max", 10)
    assert isinstance(peer, MetricExpected)
    assert (peer.node, peer.bounds.high) == ("s", 4000)
    assert sampled.text == "first: max cwnd >= 10"


@pytest.mark.parametrize(
    ("expectation", "says"),
    [
        ("{packets: tcp, after: frist established}", "(did you mean 'first'?)"),
        ("{packets: tcp, before: first exited}", "is never 'exited'"),
        ("{never: tcp.flagz}", "expect[0].never: in 'tcp.flagz': "),
        ("{never: tcp, at: x}", "no node is called 'x'"),
        ("{never: tcp and not (udp or src.node == x)}", "no node is called 'x'"),
        ("{lost: {at: far, what: dst.node != x}}", "no node is called 'x'"),
        ("{operations: {of: first, op: conect}, count: 0}", "(did you mean 'connect'?)"),
        ("{time: {from: tcp, to: frist closed}, under: 1s}", "nothing is called 'frist'"),
        ("{time: {from: tcp, to: udp}}", "nothing says how much it may be"),
        ("{time: {from: tcp}, under: 1s}", "the key 'to' is missing"),
        ("{time: {from: tcp, to: udp}, under: 1s, near: 1s}", "'under' says already"),
        ("{time: {from: tcp, to: udp}, under: 1}", "the number 1 needs a unit"),
        ("{time: {from: tcp, to: udp}, under: 1s, tolerance: 1%}", "belongs to 'near'"),
        ("{delay: udp, between: [2s, 1s]}", "nothing lies in 2s to 1s"),
        ("{delay: udp, between: 2s}", "takes the smallest and the largest value"),
        ("{intervals: udp, near: [1s, 2]}", "the number 2 needs a unit"),
        ("{rate: {of: udp}, under: 5}", "needs a unit"),
        ("{rate: {of: udp}, under: 5 Mbit}", "'Mbit' is no unit here"),
        ("{rate: {of: udp}, between: [1 packets/s, 1 Mbit/s]}", "cannot be compared"),
        ("{goodput: {first: 5 Mbit/s}}", "a bound looks like '>= 5 Mbit/s'"),
        ("{goodput: {p: '> 5 Mbit/s'}}", "'p' is a program"),
        ("{icmp: {is: port unreachabel}}", "(did you mean 'port unreachable'?)"),
        ("{icmp: {is: 3/400}}", "an ICMP type or code is 0 to 255, not 400"),
        ("{icmp: {from: x}}", "no node is called 'x'"),
        ("{icmp: {about: p}}", "'p' is a program"),
        ("{lost: {at: c -- x}}", "there is no link 'c -- x'"),
        ("{lost: {at: shared, way: '->'}}", "a LAN has more than two ways"),
        ("{lost: {at: r, way: '->'}}", "'way' is for a link"),
        ("{lost: {at: far, way: there}}", "'way' is -> or <-, not 'there'"),
        ("{connections: {to: s:70000}}", "a port is 1 to 65535"),
        ("{connections: {at: first established}}", "'at' is when they are in a 'state'"),
        ("{connections: {end: peer}}", "'end' is client or server"),
        ("{operations: {of: first}}", "says nothing of the operations"),
        ("{operations: {of: first, failed: false, errno: EPIPE}, count: 1}", "the opposite"),
        ("{operations: {of: first}, took: {p100: '< 1s'}}", "is none of min, mean, max and"),
        ("{metric: {first: retransmision == 1}}", "(did you mean 'retransmissions'?)"),
        ("{metric: {first: cwnd == 1}}", "cwnd changes over time: say max, min, first or last"),
        ("{metric: {first: max bytes == 1 byte}}", "bytes is one number: leave out 'max'"),
        ("{metric: {first: segments > many}}", "'many' is no whole number"),
        ("{metric: {first: segments}}", "a metric looks like 'retransmissions == 1'"),
        ("{metric: {big: segments == 1}}", "'big' is an unconnected UDP socket"),
        ("{metric: {first@s: max cwnd == 1}}", "the kernel of s is not asked for it"),
    ],
)
def test_one_mistake_is_one_sentence(refused: Refusing, expectation: str, says: str) -> None:
    (line,) = refused(expecting(expectation))
    assert line.startswith("lab.yaml:12:")
    assert says in line


@given(st.floats(1e-6, 1000), st.floats(1e-6, 1000))
def test_bounds_hold_what_lies_between_them(one: float, other: float) -> None:
    low, high = sorted((round(one, 6), round(other, 6)))
    bounds = compared(f"{low:.6f}s to {high:.6f}s", units.duration, "< 1s")
    assert bounds.allows(low)
    assert bounds.allows(high)
    assert not bounds.allows(low - 1e-6)
    assert bounds.missed_by(high + 1) == pytest.approx(1)


@given(st.text(max_size=40))
def test_a_bound_is_understood_or_refused_in_words(text: str) -> None:
    try:
        assert compared(text, units.duration, "< 1s").text
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either is right


@given(st.text(alphabet="abcdw_ =<>0123456789maxcwnd", max_size=40))
def test_a_metric_is_understood_or_refused_in_words(text: str) -> None:
    try:
        assert measure(text).metric in text
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either is right


@given(st.integers(0, 255), st.integers(0, 255), st.booleans())
def test_every_type_and_code_can_be_written(kind: int, code: int, six: bool) -> None:
    _, (made,) = icmp_error(f"{'icmpv6 ' if six else 'icmp '}{kind}/{code}")
    assert made == IcmpMeant(6 if six else 4, kind, code)
