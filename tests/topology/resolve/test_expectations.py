from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

import pytest

from netlab.topology.expectations import (
    Count,
    ErrnoExpected,
    PacketsExpected,
    ProgramExpected,
    ReceivedExpected,
    SocketsExpected,
    StatesExpected,
)
from netlab.topology.plan import Plan
from netlab.topology.steps import Moment

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]

LAB = """\
name: facts
nodes: {c: , s: {services: [{echo: tcp/7}]}}
links: [c -- s]
scenario:
  - {node: c, connect: tcp s:7, from: 1500, as: first}
  - {node: c, open: udp, as: big}
  - {node: c, exec: ping -c1 s, as: p}
expect:
"""


def expecting(*expectations: str) -> str:
    return LAB + indent("\n".join(f"- {each}" for each in expectations), "  ")


def test_states_of_either_end(lab: Loading) -> None:
    one, other = lab(
        expecting("{states: {first: [SYN-SENT, established], first@s: [LISTEN]}, within: 1s}")
    ).expectations
    assert isinstance(one, StatesExpected)
    assert (one.connection, one.node, one.states) == ("first", None, ("SYN_SENT", "ESTABLISHED"))
    assert (one.text, one.within) == ("first goes SYN_SENT → ESTABLISHED", 1)
    assert isinstance(other, StatesExpected)
    assert (other.connection, other.node) == ("first", "s")


def test_packets(lab: Loading) -> None:
    never, order = lab(
        expecting(
            "{packets: tcp.flags.rst, count: 0, fact: Nobody resets.}",
            '{packets: [tcp.flags.syn, tcp.flags.fin], exact: true, at: "s:eth0", over: first}',
        )
    ).expectations
    assert isinstance(never, PacketsExpected)
    assert (never.expressions, never.count) == (("tcp.flags.rst",), Count("==", 0))
    assert never.text == "Nobody resets."
    assert isinstance(order, PacketsExpected)
    assert (order.exact, order.at, order.connection) == (True, "s:eth0", "first")


def test_sockets_in_the_book_s_notation_with_names_for_addresses(lab: Loading) -> None:
    (sockets,) = lab(
        expecting(
            '{sockets: {s: ["{*:7,*:*}  LISTEN", "{s:7, c.eth0:1500} ESTABLISHED",'
            ' "{[fd00::2]:7, *:*}"]}, at: first established, only: true}'
        )
    ).expectations
    assert isinstance(sockets, SocketsExpected)
    assert sockets.sockets == (
        "{*:7, *:*} LISTEN",
        "{10.0.0.2:7, 10.0.0.1:1500} ESTABLISHED",
        "{[fd00::2]:7, *:*}",
    )
    assert (sockets.moment, sockets.only) == (Moment("first", "established"), True)


def test_errno_received_and_programs(lab: Loading) -> None:
    big, first, received, text, code, output = lab(
        expecting(
            "{errno: {big: EMSGSIZE, first: none}}",
            "{received: {first: 4000 bytes}}",
            "{received: {first: {text: hello, equals: sent, bytes: 5 bytes}}}",
            "{exit: {p: 0}}",
            '{output: {p: "1 received"}}',
        )
    ).expectations
    assert isinstance(big, ErrnoExpected)
    assert isinstance(first, ErrnoExpected)
    assert (big.errno, first.errno) == ("EMSGSIZE", None)
    assert isinstance(received, ReceivedExpected)
    assert received.size == 4000
    assert isinstance(text, ReceivedExpected)
    assert (text.expected_text, text.equals_sent, text.size) == ("hello", True, 5)
    assert text.text == "first received 5 bytes, 'hello', what it sent"
    assert isinstance(code, ProgramExpected)
    assert code.exit_code == 0
    assert isinstance(output, ProgramExpected)
    assert output.output == "1 received"


def test_each_expectation_knows_its_place(lab: Loading) -> None:
    plan = lab(expecting("{errno: {big: none, first: none}}"))
    assert [e.where for e in plan.expectations] == ["lab.yaml:9:19", "lab.yaml:9:32"]


@pytest.mark.parametrize(
    ("expectation", "says"),
    [
        ("{}", "an expectation needs one of"),
        ("{state: {first: [LISTEN]}}", "(did you mean 'states'?)"),
        ("{states: {first: [SYN_SNT]}}", "'SYN_SNT' is no TCP state (did you mean 'SYN_SENT'?)"),
        ("{states: {first: []}}", "must not be empty"),
        (
            "{states: {frist: [LISTEN]}}",
            "nothing is called 'frist' up to here (did you mean 'first'?)",
        ),
        ("{states: {first@x: [LISTEN]}}", "no node is called 'x'"),
        ("{states: {big: [LISTEN]}}", "'big' is an unconnected UDP socket, not a TCP connection"),
        ("{packets: tcp.flagz}", "expect[0].packets: in 'tcp.flagz': "),
        ('{packets: tcp, count: ">> 1"}', "a count looks like 0 or '>= 1', not '>> 1'"),
        ("{packets: [tcp, udp], count: 1}", "a count is of one expression"),
        ("{packets: tcp, exact: true}", "'exact' is for several expressions"),
        ("{packets: tcp, at: x}", "no node is called 'x'"),
        ('{packets: tcp, at: "s:eth1"}', "s has no interface 'eth1' (did you mean 'eth0'?)"),
        ("{packets: tcp, over: p}", "'p' is a program, not"),
        ('{sockets: {s: "{*:7 *:*} LISTEN"}}', "a socket looks like"),
        ('{sockets: {s: "{*:7, *:*} LISTENING"}}', "(did you mean 'LISTEN'?)"),
        ('{sockets: {s: "{x:7, *:*} LISTEN"}}', "no node is called 'x'"),
        ('{sockets: {s: "{*:70000, *:*} LISTEN"}}', "a port is 1 to 65535, not 70000"),
        ('{sockets: {x: "{*:7, *:*} LISTEN"}}', "no node is called 'x'"),
        ("{errno: {big: EMSGSIZ}}", "(did you mean 'EMSGSIZE'?)"),
        ("{received: {first: 4000}}", "the number 4000 needs a unit"),
        ("{received: {first: {}}}", "says nothing of what was received"),
        ("{received: {first: {sha256: 5}}}", "must be text"),
        ("{received: {first: {equals: received}}}", "only 'sent' can"),
        ("{exit: {first: 0}}", "'first' is a TCP connection, not a program"),
        ("{exit: {p: 256}}", "an exit code is 0 to 255, not 256"),
        ('{output: {p: "("}}', "is no regular expression"),
    ],
)
def test_one_mistake_is_one_sentence(refused: Refusing, expectation: str, says: str) -> None:
    (line,) = refused(expecting(expectation))
    assert line.startswith("lab.yaml:9:")
    assert says in line
