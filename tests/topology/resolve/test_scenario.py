from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

import pytest

from netlab.topology.plan import Plan
from netlab.topology.steps import (
    Close,
    Connect,
    Exec,
    Exit,
    Framing,
    Kill,
    Moment,
    Open,
    Parallel,
    Pause,
    Payload,
    Receive,
    Request,
    Send,
    SetLink,
    Shutdown,
)

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]

NETWORK = """\
name: steps
nodes:
  c: {interfaces: {eth0: {address: 206.168.112.219/24}}}
  r: {role: router}
  s: {interfaces: {path1: {}, path2: {}}}
links: [c -- r, "r -- s:path1", "r -- s:path2"]
scenario:
"""


def with_steps(*steps: str) -> str:
    return NETWORK + indent("\n".join(f"- {step}" for step in steps), "  ")


@pytest.mark.parametrize(
    ("connect", "address"),
    [
        ("tcp s:7", "10.0.1.2"),
        ("tcp4 s:7", "10.0.1.2"),
        ("tcp6 s:7", "fd00:1::2"),
        ("tcp s.path2:7", "10.0.2.2"),
        ("udp6 s.path2:7", "fd00:2::2"),
        ("tcp 12.106.32.254:7", "12.106.32.254"),
        ("tcp [fd00:2::2]:7", "fd00:2::2"),
    ],
)
def test_a_peer_is_a_node_an_interface_or_an_address(
    lab: Loading, connect: str, address: str
) -> None:
    (step,) = lab(with_steps(f'{{node: c, connect: "{connect}"}}')).steps
    assert isinstance(step, Connect)
    assert (step.transport, step.address, step.port) == (connect[:3], address, 7)


@pytest.mark.parametrize(
    ("local", "address", "port"),
    [
        ("1500", None, 1500),
        ("206.168.112.219", "206.168.112.219", None),
        ("206.168.112.219:1500", "206.168.112.219", 1500),
        ("eth0", "206.168.112.219", None),
        ("eth0:1500", "206.168.112.219", 1500),
    ],
)
def test_the_local_end(lab: Loading, local: str, address: str | None, port: int | None) -> None:
    (step,) = lab(with_steps(f"{{node: c, connect: tcp s:7, from: {local}}}")).steps
    assert isinstance(step, Connect)
    assert (step.local_address, step.local_port) == (address, port)


def test_the_life_of_a_connection(lab: Loading) -> None:
    plan = lab(
        with_steps(
            "{node: c, connect: tcp s:7, as: first, in: child, mss: 536, path_mtu_discovery: true}",
            "{node: c, send: 4000 bytes, over: first, more: true}",
            "{send: hello, over: first}",
            '{send: {text: "10 bytes"}, over: first}',
            "{receive: 4000 bytes, over: first, within: 1m}",
            "{receive: eof, over: first}",
            '{receive: {text: "hello\\n"}, over: first}',
            "{request: {send: 1 byte, receive: 2 bytes, times: 3, think: 10ms}, over: first}",
            "{shutdown: first}",
            "{close: first}",
            "{exit: child}",
            "{kill: child, signal: SIGTERM}",
        )
    )
    connect, more, hello, text, *_ = plan.steps
    assert isinstance(connect, Connect)
    assert (connect.process, connect.options.mss) == ("child", 536)
    assert connect.options.path_mtu_discovery == "do"
    assert isinstance(more, Send)
    assert (more.payload, more.more, more.node) == (Payload(4000), True, "c")
    assert isinstance(hello, Send)
    assert hello.payload == Payload(5, "hello")
    assert isinstance(text, Send)
    assert text.payload == Payload(8, "10 bytes")
    assert (text.payload.given, more.payload.given) == (b"10 bytes", None)

    size, eof, expected = (step for step in plan.steps if isinstance(step, Receive))
    assert (size.size, size.timing.within) == (4000, 60)
    assert eof.to_eof
    assert (expected.size, expected.expected_text) == (6, "hello\n")
    kinds = [type(step) for step in plan.steps[7:]]
    assert kinds == [Request, Shutdown, Close, Exit, Kill]


def test_bytes_are_written_in_hexadecimal_digits(lab: Loading) -> None:
    steps = ("{node: c, connect: udp s:7, as: u}", "{send: {hex: 1234 55AA}, over: u}")
    send = lab(with_steps(*steps)).steps[1]
    assert isinstance(send, Send)
    assert send.payload == Payload(4, hex="123455aa")
    assert send.payload.given == b"\x12\x34\x55\xaa"


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        ("{hex: 123}", "'hex' must be text, not the number 123"),
        ("{hex: '123'}", "'hex' takes pairs of hexadecimal digits, not '123'"),
        ("{hex: ''}", "there is nothing in it"),
        ("{hxe: '12'}", "unknown key 'hxe' (did you mean 'hex'?)"),
        ("{hex: '12', text: x}", "unknown key 'text'"),
    ],
)
def test_digits_that_are_none_are_refused(refused: Refusing, payload: str, what: str) -> None:
    (problem,) = refused(
        with_steps("{node: c, connect: udp s:7, as: u}", f"{{send: {payload}, over: u}}")
    )
    assert what in problem


def test_a_name_is_the_address_of_the_socket_s_own_version(lab: Loading) -> None:
    plan = lab(
        with_steps(
            "{node: c, open: udp6, as: six}",
            "{send: x, over: six, to: s:7}",
            '{node: s, open: udp, from: "path1:7", as: four}',
            "{send: x, over: four, to: c:7}",
        )
    )
    sent = [step.to for step in plan.steps if isinstance(step, Send)]
    assert sent == [("fd00:1::2", 7), ("206.168.112.219", 7)]


def test_messages(lab: Loading) -> None:
    plan = lab(
        with_steps(
            "{node: c, connect: tcp s:7, as: t}",
            "{send: hello, framed: {prefix: 2 bytes}, over: t}",
            r'{receive: {text: hello}, framed: {until: "\n"}, over: t}',
            "{receive: message, framed: {size: 8 bytes}, over: t}",
        )
    )
    _, send, expected, any_message = plan.steps
    assert isinstance(send, Send)
    assert send.framed == Framing(prefix=2)
    assert isinstance(expected, Receive)
    assert (expected.framed, expected.expected_text) == (Framing(until="\n"), "hello")
    assert isinstance(any_message, Receive)
    assert (any_message.framed, any_message.expected_text) == (Framing(size=8), None)


def test_datagrams(lab: Loading) -> None:
    plan = lab(
        with_steps(
            "{node: c, open: udp, from: 5000, as: u}",
            "{send: 10 bytes, over: u, to: s:7}",
            "{receive: datagram, over: u, after: u opened}",
            "{receive: nothing, over: u, within: 100ms}",
        )
    )
    opened, send, receive, silence = plan.steps
    assert isinstance(opened, Open)
    assert opened.local_port == 5000
    assert isinstance(send, Send)
    assert send.to == ("10.0.1.2", 7)
    assert isinstance(receive, Receive)
    assert receive.datagram
    assert isinstance(silence, Receive)
    assert silence.nothing
    assert not silence.datagram


def test_names_are_made_up_around_those_given(lab: Loading) -> None:
    plan = lab(
        with_steps(
            "{node: c, connect: tcp s:7}",
            "{node: c, connect: tcp s:7, as: c-2}",
            "{node: c, connect: tcp s:7}",
            "{node: c, exec: [ls, -l]}",
        )
    )
    assert [step.name for step in plan.steps if isinstance(step, Connect | Exec)] == [
        "c-1",
        "c-2",
        "c-3",
        "c-exec-1",
    ]


def test_time_links_and_branches(lab: Loading) -> None:
    plan = lab(
        with_steps(
            "{node: c, connect: tcp s:7, as: first}",
            '{link: "s:path1 -- r", down: 2s, after: first established, wait: 100ms, at: 1s}',
            "{link: c -- r, up: true}",
            "{parallel: [{pause: 1s}, [{node: c, exec: ping -c1 s, as: p}, {close: first}]]}",
        )
    )
    _, down, up, parallel = plan.steps
    assert isinstance(down, SetLink)
    assert (down.link, down.up, down.duration) == ("r -- s:path1", False, 2)
    assert (down.timing.after, down.timing.wait, down.timing.at) == (
        Moment("first", "established"),
        0.1,
        1,
    )
    assert isinstance(up, SetLink)
    assert (up.up, up.duration) == (True, None)
    assert isinstance(parallel, Parallel)
    (pause,), (program, close) = parallel.branches
    assert isinstance(pause, Pause)
    assert isinstance(program, Exec)
    assert program.command.argv == ("/bin/sh", "-c", "ping -c1 s")
    assert isinstance(close, Close)
    assert close.where == "lab.yaml:11:67"


def test_a_step_is_told_in_its_own_words(lab: Loading) -> None:
    plan = lab(
        with_steps(
            "{node: c, connect: tcp s:7, from: 1500, as: first, within: 3s}",
            "{over: first, send: {text: hi}}",
            "{link: c -- r, down: true}",
            "{parallel: [{pause: 1s}]}",
        )
    )
    assert [step.text for step in plan.steps] == [
        "c: connect tcp s:7 from 1500 as first",
        "over first send 'hi'",
        "link c -- r down",
        "1 branches in parallel",
    ]


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (["{pause: 5}"], "the number 5 needs a unit"),
        (["{parallel: []}"], "scenario[0].parallel: must not be empty"),
        (
            [
                "{node: c, connect: tcp s:7, as: x}",
                "{receive: nothing, by: 10 bytes, over: x}",
            ],
            "scenario[1].by: where nothing is to come",
        ),
        (["{pause: 5s, close: x}"], "a step does one thing, not pause and close"),
        (["{}"], "a step needs one of"),
        (["hello"], "a step is a mapping such as {pause: 1s}, not 'hello'"),
        (["{node: c, connect: tpc s:7}"], "a connection looks like 'tcp server:7'"),
        (["{node: c, connect: tcp s}"], "'s' needs a host and a port"),
        (["{node: c, connect: tcp s:0}"], "a port is 1 to 65535, not 0"),
        (["{node: c, connect: tcp s:http}"], "'http' is no port"),
        (["{node: c, connect: tcp x:7}"], "no node is called 'x'"),
        (["{node: c, connect: tcp s.path3:7}"], "s has no interface 'path3' (did you mean 'path"),
        (["{node: x, connect: tcp s:7}"], "no node is called 'x'"),
        (
            ["{node: c, connect: tcp s:7, from: 10.0.1.2}"],
            "is no address of c: it is that of s:path1",
        ),
        (["{node: c, connect: tcp s:7, from: 9.9.9.9}"], "is no address of c: nobody has it"),
        (["{node: c, connect: tcp6 s:7, from: 206.168.112.219}"], "cannot talk IPv6 to the peer"),
        (["{node: c, connect: tcp s:7, from: eth1}"], "(did you mean 'eth0'?)"),
        (["{node: c, connect: tcp s:7, from: 70000}"], "a port is 1 to 65535, not 70000"),
        (["{node: c, connect: tcp s:7, mss: 1}"], "an MSS is 88 to 32767, not 1"),
        (["{node: c, connect: tcp s:7, acks: slow}"], "'acks' is default, quick or delayed"),
        (
            ["{node: c, connect: tcp s:7, path_mtu_discovery: yes}"],
            "takes dont, want, do or probe, true or false, not 'yes'",
        ),
        (["{close: first}"], "nothing is called 'first' up to here"),
        (["{node: c, open: udp, as: u}", "{send: x, over: u}"], "'to' must say to whom"),
        (
            ["{node: c, open: udp, as: u}", '{send: x, over: u, to: "[fd00::2]:7"}'],
            "fd00::2 is no IPv4 address",
        ),
        (
            ["{node: c, open: udp, as: u}", "{shutdown: u}"],
            "'u' is an unconnected UDP socket, not a TCP",
        ),
        (["{node: c, open: udp, as: u}", "{receive: eof, over: u}"], "UDP has no end"),
        (["{node: c, connect: tcp s:7, as: t}", "{send: x, over: t, to: s:7}"], "'t' is connected"),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{receive: datagram, over: t}"],
            "has no datagrams",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{receive: eoff, over: t}"],
            "(did you mean 'eof'?)",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{receive: message, over: t}"],
            "'framed' must say where a message ends (such as {until:",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{receive: eof, framed: {until: x}, over: t}"],
            "of messages, 'message' or {text: …} is received",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{send: x, framed: {}, over: t}"],
            "messages are framed in one way",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{send: x, framed: {prefix: 9 B}, over: t}"],
            "a length takes at most 8 bytes",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{send: 300 B, framed: {prefix: 1 B}, over: t}"],
            "300 bytes are more than a length of 1 bytes can say",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{send: hello, framed: {size: 4 B}, over: t}"],
            "5 bytes do not fit into 4",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{send: hello, framed: {until: ll}, over: t}"],
            "there is 'll' in it, which ends a message",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{send: 5 B, framed: {until: ll}, over: t}"],
            "bytes made from the seed may have 'll' in them",
        ),
        (
            ["{node: c, connect: udp s:7, as: u}", "{send: x, framed: {size: 4 B}, over: u}"],
            "a datagram is a message already",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{node: s, close: t}"],
            "'t' is on 'c', not on 's'",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{node: s, connect: tcp c:7, as: t}"],
            "already taken at",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{exit: t}"],
            "'t' is a TCP connection, not a child",
        ),
        (
            ["{node: c, connect: tcp s:7, as: t}", "{pause: 1s, after: t exited}"],
            "is never 'exited'",
        ),
        (["{node: c, connect: tcp s:7, as: t}", "{pause: 1s, after: t}"], "a moment looks like"),
        (["{node: c, connect: tcp s:7, as: t, in: k}", "{kill: k, signal: SIGTREM}"], "'SIGTERM'?"),
        (["{link: c -- x, down: 1s}"], "there is no link 'c -- x' (did you mean 'c -- r'?)"),
        (["{link: r -- s, down: 1s}"], "could be any of 'r -- s:path1' and 'r -- s:path2'"),
        (["{link: c -- r}"], "takes one of down, up, flap, impair or fault"),
        (["{link: c -- r, down: 5}"], "the number 5 needs a unit"),
        (["{node: c, exec: []}"], "a program is a command line or a list of texts"),
        (
            ["{parallel: [{pause: 1s}, [{pause: 2}]]}"],
            "scenario[0].parallel[1][0].pause: the number 2",
        ),
        (["{parallel: [{pause: 1s}, {pause: 2}]}"], "scenario[0].parallel[1].pause: the number 2"),
    ],
)
def test_one_mistake_is_one_sentence(refused: Refusing, steps: list[str], says: str) -> None:
    (line,) = refused(with_steps(*steps))
    assert says in line
    assert line.startswith(f"lab.yaml:{7 + len(steps)}:")
