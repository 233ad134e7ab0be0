"""Packets that nobody else would send, from the file to the plan."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

import pytest

from netlab.topology.filters import IcmpReply
from netlab.topology.plan import Plan
from netlab.topology.steps import (
    Extension,
    Inject,
    InjectDatagram,
    InjectSegment,
    Payload,
    Replay,
    SegmentNumber,
)

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]

NETWORK = """\
name: injections
nodes: {c: {}, r: {role: router}, s: {}}
links: [c -- r, r -- s]
scenario:
  - {node: c, connect: tcp s:7, as: first}
  - {node: c, connect: udp s:7, as: u}
"""


def with_steps(*steps: str) -> str:
    return NETWORK + indent("\n".join(f"- {step}" for step in steps), "  ") + "\n"


def as_next(distance: int = 0) -> SegmentNumber:
    return SegmentNumber(distance, is_relative=True)


def test_an_error_is_about_a_connection_or_to_somebody(lab: Loading) -> None:
    _, _, about, to = lab(
        with_steps(
            "{node: r, inject: {icmp: 5/1, about: u, gateway: 10.0.0.2}}",
            "{node: r, inject: {icmpv6: 133/0, to: c}}",
        )
    ).steps

    assert isinstance(about, Inject)
    assert about.connection == "u"
    assert about.error == IcmpReply(4, 5, 1, 0x0A000002)
    assert isinstance(to, Inject)
    assert (to.connection, to.address) == (None, "fd00::1")


def test_what_a_segment_leaves_out_is_as_in_the_next_in_order(lab: Loading) -> None:
    *_, step = lab(with_steps("{node: r, inject: {segment: ack, to: s, about: first}}")).steps

    assert isinstance(step, InjectSegment)
    assert (step.node, step.connection, step.to_opener) == ("r", "first", False)
    assert step.flags == ("ack",)
    assert step.sequence == step.acknowledgment == step.timestamp == as_next()
    assert (step.window, step.payload, step.urgent, step.mss) == (None, None, None, None)


def test_a_segment_with_all_that_it_may_have(lab: Loading) -> None:
    *_, step = lab(
        with_steps(
            "{node: r, inject: {segment: psh ack, to: c, about: first, seq: +10, ack: 1,"
            " window: 0, data: 5 bytes, timestamp: -1000, urgent: 3}}"
        )
    ).steps

    assert isinstance(step, InjectSegment)
    assert step.to_opener
    assert step.flags == ("psh", "ack")
    assert step.sequence == as_next(10)
    assert step.acknowledgment == SegmentNumber(1, is_relative=False)
    assert step.timestamp == as_next(-1000)
    assert (step.window, step.payload, step.urgent) == (0, Payload(5), 3)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+0", as_next()),
        ('"+10"', as_next(10)),
        ('"-1"', as_next(-1)),
        ("-1", as_next(-1)),
        ("10", SegmentNumber(10, is_relative=False)),
        ('"10"', SegmentNumber(10, is_relative=False)),
    ],
)
def test_a_sign_makes_a_number_relative(lab: Loading, written: str, number: SegmentNumber) -> None:
    text = f"{{node: r, inject: {{segment: rst, to: s, about: first, seq: {written}}}}}"
    *_, step = lab(with_steps(text)).steps

    assert isinstance(step, InjectSegment)
    assert step.sequence == number


def test_the_option_can_be_left_out_and_flags_too(lab: Loading) -> None:
    *_, step = lab(
        with_steps("{node: r, inject: {segment: none, to: s, about: first, timestamp: none}}")
    ).steps

    assert isinstance(step, InjectSegment)
    assert step.timestamp is None
    assert step.flags == ()


def test_an_earlier_packet_is_sent_again(lab: Loading) -> None:
    *_, first, second = lab(
        with_steps(
            "{node: r, inject: {replay: tcp.len > 0, about: first}}",
            "{node: r, inject: {replay: udp, nth: 2, about: u}}",
        )
    ).steps

    assert isinstance(first, Replay)
    assert (first.connection, first.expression, first.nth) == ("first", "tcp.len > 0", 1)
    assert isinstance(second, Replay)
    assert (second.connection, second.nth) == ("u", 2)


def test_a_datagram_is_whole_unless_it_says_its_fragments(lab: Loading) -> None:
    *_, whole, cut = lab(
        with_steps(
            "{node: c, inject: {datagram: udp s:7, from: 2000, ttl: 3, df: true,"
            " options: '94 04'}}",
            "{node: c, inject: {datagram: udp6 s:7, from: 2001, data: 12 bytes, id: 70000,"
            " flow_label: 5, extensions: [destination 0104 0000 0000], fragments: [16-20, 0-16]}}",
        )
    ).steps

    assert isinstance(whole, InjectDatagram)
    assert (whole.address, whole.port, whole.local_port) == ("10.0.1.2", 7, 2000)
    assert (whole.payload, whole.hop_limit, whole.dont_fragment) == (None, 3, True)
    assert (whole.options, whole.fragments, whole.identification) == (b"\x94\x04", (), None)
    assert isinstance(cut, InjectDatagram)
    assert (cut.address, cut.payload, cut.identification) == ("fd00:1::2", Payload(12), 70000)
    assert (cut.flow_label, cut.extensions) == (5, (Extension(60, bytes((1, 4, 0, 0, 0, 0))),))
    assert cut.fragments == (range(16, 20), range(16))


@pytest.mark.parametrize(
    ("injected", "says"),
    [
        ("{icmp: 3/1}", "either 'about' a connection or 'to' somebody"),
        ("{about: u}", "a packet to inject needs one of icmp, icmpv6, segment, replay or datagram"),
        ("{icmp: 3-1, to: c}", "an ICMP message looks like"),
        ("{icmp: 3/4, to: c, mtu: 900, pointer: 1}", "has one parameter"),
        ("{icmp: 5/0, to: c, gateway: x}", "a gateway is an IPv4 address"),
        ("{icmp: 3/1, segment: ack, to: c}", "does one thing, not icmp and segment"),
        ("{segment: akc, to: s, about: first}", "'akc' is no flag of TCP (did you mean 'ack'?)"),
        ("{segment: '', to: s, about: first}", "a segment is its flags, such as 'ack'"),
        ("{segment: ack, to: x, about: first}", "'first' ends at c or s"),
        ("{segment: ack, to: r, about: first}", "'first' ends at c or s"),
        ("{segment: ack, to: s, about: u}", "'u' is a connected UDP socket"),
        ("{segment: ack, to: s, about: v}", "nothing is called 'v' up to here"),
        ("{segment: ack, to: s, about: first, seq: 1.5}", "a number looks like +10, -1, or 10"),
        ("{segment: ack, to: s, about: first, seq: +-1}", "a number looks like +10, -1, or 10"),
        ("{segment: ack, to: s, about: first, seq: +4294967296}", "have 32 bits"),
        ("{segment: ack, to: s, about: first, window: -1}", "a window is 0 to 1073741824, not -1"),
        ("{segment: ack, to: s, about: first, urgent: 65536}", "an urgent pointer is 0 to 65535"),
        ("{segment: rst, to: s, about: first, ack: +1}", "without the flag 'ack'"),
        ("{segment: ack, to: s, about: first, mss: 536}", "only a SYN says an MSS"),
        ("{segment: syn, to: s, about: first, mss: 65536}", "an MSS is 0 to 65535, not 65536"),
        ("{datagram: udp x:7, from: 1}", "'x'"),
        ("{datagram: tcp s:7, from: 1}", "of udp or udp6 (for TCP there is 'segment')"),
        ("{datagram: udp s:7}", "from"),
        ("{datagram: udp s:7, from: 1, flow_label: 1}", "IPv4 has none"),
        ("{datagram: udp6 s:7, from: 1, df: true}", "IPv6 has none"),
        ("{datagram: udp6 s:7, from: 1, id: 1}", "only fragments have an identification"),
        ("{datagram: udp s:7, from: 1, id: 65536}", "over IPv4 an identification is 0 to 65535"),
        ("{datagram: udp s:7, from: 1, options: 9404}", "hexadecimal digits in quotes"),
        ("{datagram: udp s:7, from: 1, options: x}", "pairs of hexadecimal digits, not 'x'"),
        (f"{{datagram: udp s:7, from: 1, options: {'01' * 41}a}}", "pairs of hexadecimal digits"),
        (f"{{datagram: udp s:7, from: 1, options: '{'01' * 41}'}}", "41 bytes of options"),
        ("{datagram: udp6 s:7, from: 1, extensions: [x 00]}", "hop-by-hop, routing or destination"),
        ("{datagram: udp6 s:7, from: 1, extensions: [routing 0]}", "behind routing come pairs of"),
        (
            "{datagram: udp s:7, from: 1, fragments: [16-8]}",
            "there is nothing in the fragment 16-8",
        ),
        ("{datagram: udp s:7, from: 1, fragments: [4-8]}", "begins at a multiple of 8"),
        ("{datagram: udp s:7, from: 1, fragments: [0+8]}", "a fragment looks like 0-16"),
        ("{datagram: udp s:7, from: 1, fragments: [0-9]}", "the datagram has 8 bytes"),
        (
            "{datagram: udp s:7, from: 1, data: abc, fragments: [0-9]}",
            "only the last one ends elsewhere than at a multiple of 8",
        ),
        ("{replay: tcp.sync, about: first}", "there is no field 'tcp.sync'"),
        ("{replay: src.node == c, about: first}", "does not know a packet's src.node; use ip.src"),
        ("{replay: tcp, about: first, nth: 0}", "the number of a packet is 1 to 1000000, not 0"),
    ],
)
def test_what_is_wrong_is_said(refused: Refusing, injected: str, says: str) -> None:
    (line,) = refused(with_steps(f"{{node: r, inject: {injected}}}"))

    assert line.startswith("lab.yaml:7:")
    assert says in line


@pytest.mark.parametrize("node", ["c", "s"])
@pytest.mark.parametrize("what", ["segment: ack, to: s", "replay: tcp"])
def test_an_end_does_not_see_both_sides(refused: Refusing, node: str, what: str) -> None:
    (line,) = refused(with_steps(f"{{node: {node}, inject: {{{what}, about: first}}}}"))

    assert line.startswith("lab.yaml:7:")
    assert f"{node!r} is an end of 'first' (a node on its way sees both sides: a router)" in line
