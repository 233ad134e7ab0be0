from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

import pytest

from netlab.topology.expectations import (
    Count,
    HopsExpected,
    ObservedExpected,
    ProbeErrorsExpected,
    RepliesExpected,
)
from netlab.topology.plan import Plan
from netlab.topology.steps import (
    Advertise,
    Membership,
    Multicast,
    Observe,
    Ping,
    StopObserving,
    Traceroute,
)

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]

NETWORK = """\
name: probes
nodes: {c: {}, r: {role: router}, s: {}}
links: [c -- r, r -- s]
scenario:
"""


def with_steps(*steps: str, expect: str = "") -> str:
    text = NETWORK + indent("\n".join(f"- {step}" for step in steps), "  ") + "\n"
    return f"{text}expect: [{expect}]\n" if expect else text


def test_a_ping_by_either_version_of_ip(lab: Loading) -> None:
    plan = lab(
        with_steps(
            "{node: c, ping: s, count: 5, size: 100 bytes, interval: 1ms, ttl: 3, df: true, as: p}",
            "{node: c, ping: s, ip: 6}",
            '{node: c, ping: "fd00:1::2"}',
        )
    )

    first, second, third = plan.steps

    assert isinstance(first, Ping)
    assert (first.name, first.address, first.count, first.size) == ("p", "10.0.1.2", 5, 100)
    assert (first.interval, first.ttl, first.df) == (0.001, 3, True)
    assert isinstance(second, Ping)
    assert second.address == "fd00:1::2"
    assert isinstance(third, Ping)
    assert third.address == "fd00:1::2"


def test_the_other_probes(lab: Loading) -> None:
    traceroute, observe, stop, advertise = lab(
        with_steps(
            "{node: c, traceroute: s, by: icmp, hops: 5, as: t}",
            "{node: c, observe: icmp, as: seen, messages: all}",
            "{stop: seen}",
            '{node: r, advertise: "fd99::/64", on: eth1, lifetime: 60s}',
        )
    ).steps

    assert isinstance(traceroute, Traceroute)
    assert (traceroute.method, traceroute.most) == ("icmp", 5)
    assert isinstance(observe, Observe)
    assert not observe.errors_only
    assert isinstance(stop, StopObserving)
    assert stop.node == "c"
    assert isinstance(advertise, Advertise)
    assert (advertise.prefix, advertise.interface, advertise.lifetime) == ("fd99::/64", "eth1", 60)


def test_groups(lab: Loading) -> None:
    _, join, leave, sending = lab(
        with_steps(
            "{node: r, open: udp, as: u}",
            "{join: 239.1.2.3, over: u}",
            '{leave: "ff15::1", over: u, on: eth1}',
            "{multicast: {ttl: 4, loop: false, on: eth1}, over: u}",
        )
    ).steps

    assert isinstance(join, Membership)
    assert (join.group, join.interface, join.join) == ("239.1.2.3", "eth0", True)
    assert isinstance(leave, Membership)
    assert (leave.group, leave.interface, leave.join) == ("ff15::1", "eth1", False)
    assert isinstance(sending, Multicast)
    assert (sending.ttl, sending.loop, sending.interface) == (4, False, "eth1")


def test_what_probes_find_can_be_expected(lab: Loading) -> None:
    replies, errors, hops, observed = lab(
        with_steps(
            "{node: c, ping: s, as: p}",
            "{node: c, traceroute: s, as: t}",
            "{node: c, observe: icmp, as: seen}",
            expect='{replies: {p: ">= 2"}}, {probe_errors: {p: 3/1 from r}},'
            ' {hops: {t: [r, "*", s]}}, {observed: {seen: [icmp 3/1]}, exact: true}',
        )
    ).expectations

    assert isinstance(replies, RepliesExpected)
    assert replies.count == Count(">=", 2)
    assert isinstance(errors, ProbeErrorsExpected)
    assert errors.errors == ("3/1 from r",)
    assert isinstance(hops, HopsExpected)
    assert hops.nodes == ("r", "*", "s")
    assert isinstance(observed, ObservedExpected)
    assert (observed.messages, observed.exact) == (("icmp 3/1",), True)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("{node: c, ping: x}", "no node is called 'x'"),
        ("{node: c, ping: s, ip: 5}", "a version of IP is 4 or 6, not 5"),
        ("{node: c, ping: s, count: 0}", "'count' is 1 to 10000, not 0"),
        ("{node: c, traceroute: s, by: tcp}", "'by' is udp or icmp, not 'tcp'"),
        ("{node: c, observe: udp}", "'observe' is icmp, not 'udp'"),
        ("{stop: seen}", "nothing is called 'seen' up to here"),
        ("{node: r, advertise: 10.0.0.0/8}", "routers advertise IPv6 prefixes"),
        ("{node: r, advertise: 'fd99::/64', on: eth7}", "r has no interface 'eth7'"),
        ("{join: 10.0.0.1, over: u}", "a group is a multicast address"),
        ("{multicast: {on: eth7}, over: u}", "c has no interface 'eth7'"),
        ("{multicast: {interface: eth0}, over: u}", "unknown key (it has ttl, loop or on)"),
        ("{join: 239.1.1.1, over: v}", "nothing is called 'v' up to here"),
    ],
)
def test_what_is_wrong_is_said(refused: Refusing, step: str, says: str) -> None:
    (line,) = refused(with_steps("{node: c, open: udp, as: u}", step))
    assert line.startswith("lab.yaml:6:")
    assert says in line


@pytest.mark.parametrize(
    ("expectation", "says"),
    [
        ("{replies: {u: 3}}", "'u' is an unconnected UDP socket, not a probe"),
        ("{hops: {p: [x]}}", "no node is called 'x'"),
        ("{probe_errors: {p: x}}", "an error of a probe looks like '3/1'"),
        ("{observed: {p: [icmp 3/1]}}", "'p' is a probe, not an ICMP observer"),
    ],
)
def test_expectations_of_the_wrong_thing(refused: Refusing, expectation: str, says: str) -> None:
    (line,) = refused(
        with_steps("{node: c, open: udp, as: u}", "{node: c, ping: s, as: p}", expect=expectation)
    )
    assert says in line


def test_only_a_datagram_is_cut(refused: Refusing) -> None:
    (line,) = refused(
        with_steps(
            "{node: c, connect: udp s:7, as: u}", "{receive: 20 bytes, over: u, by: 10 bytes}"
        )
    )
    assert "only a datagram is cut to what fits the buffer" in line


def test_only_udp_reaches_a_group(refused: Refusing) -> None:
    text = "name: g\nnodes: {s: {services: [{echo: tcp, group: 239.1.1.1}]}}\n"
    (line,) = refused(text)
    assert "only UDP reaches a group" in line
