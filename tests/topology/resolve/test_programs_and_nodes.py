"""Programs of the user's own, and what is done to nodes and interfaces: resolved, refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.topology.plan import Plan
from netlab.topology.program import Command, Probe, ProgramService
from netlab.topology.steps import (
    Await,
    Change,
    Crash,
    Exec,
    Freeze,
    KillProgram,
    Moment,
    Restart,
    SetInterface,
    Start,
    Thaw,
)

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]


def with_services(*services: str) -> str:
    listed = "".join(f"\n      - {service}" for service in services)
    return f"name: a\nnodes:\n  s:\n    services:{listed}\n  c:\nlinks: [c -- s]\n"


def with_steps(*steps: str) -> str:
    listed = "".join(f"\n  - {step}" for step in steps)
    service = "{run: sleep 60, name: web}"
    nodes = f"{{c: , s: {{services: [{service}]}}}}"
    return f"name: a\nnodes: {nodes}\nlinks: [c -- s]\nscenario:{listed}\n"


def test_a_program_is_a_service(lab: Loading) -> None:
    node = lab(
        with_services(
            "{run: web --port 80, name: web, ready: {port: tcp/80}}",
            "{run: [db, -v], name: db, ready: {log: ^up}, env: {N: 1, A: x}, within: 2s}",
            "{run: job, name: job, may_end: true, unprivileged: true, ready: {command: [true]}}",
            "{echo: tcp/7}",
        ).replace("[true]", "['true']")
    ).node("s")

    assert [service.name for service in node.services] == ["echo tcp/7"]
    assert node.programs == (
        ProgramService(
            name="web",
            command=Command(argv=("/bin/sh", "-c", "web --port 80")),
            ready=Probe(port=("tcp", 80)),
        ),
        ProgramService(
            name="db",
            command=Command(argv=("db", "-v"), env=(("N", "1"), ("A", "x"))),
            ready=Probe(log="^up"),
            within=2.0,
        ),
        ProgramService(
            name="job",
            command=Command(argv=("/bin/sh", "-c", "job"), unprivileged=True),
            ready=Probe(command=("true",)),
            may_end=True,
        ),
    )


def test_programs_of_a_scenario(lab: Loading) -> None:
    start, kill, wait, run = lab(
        with_steps(
            '{node: c, start: [cat], as: p, input: "a\\n", ready: {port: udp/53}}',
            "{kill: p, signal: SIGTERM}",
            "{await: p, after: p started}",
            "{node: c, exec: [cat], input: b, cwd: /tmp, env: {A: b}, unprivileged: true}",
        )
    ).steps

    assert isinstance(start, Start)
    assert (start.name, start.command.given, start.ready) == (
        "p",
        "a\n",
        Probe(port=("udp", 53)),
    )
    assert isinstance(kill, KillProgram)
    assert (kill.node, kill.name, kill.signal) == ("c", "p", "SIGTERM")
    assert isinstance(wait, Await)
    assert (wait.node, wait.name, wait.timing.after) == ("c", "p", Moment("p", "started"))
    assert isinstance(run, Exec)
    assert run.command == Command(
        argv=("cat",), env=(("A", "b"),), cwd="/tmp", unprivileged=True, given="b"
    )


def test_what_happens_to_nodes(lab: Loading) -> None:
    freeze, thaw, crash, restart = lab(
        with_steps(
            "{freeze: s, for: 2s}",
            "{thaw: s, after: s frozen}",
            "{crash: s}",
            "{restart: s, after: s crashed}",
        )
    ).steps

    assert isinstance(freeze, Freeze)
    assert (freeze.node, freeze.duration) == ("s", 2.0)
    assert isinstance(thaw, Thaw)
    assert thaw.timing.after == Moment("s", "frozen")
    assert isinstance(crash, Crash)
    assert isinstance(restart, Restart)
    assert {step.node for step in (thaw, crash, restart)} == {"s"}


@pytest.mark.parametrize(
    ("step", "change", "value", "duration"),
    [
        ("down: 2s", Change.DOWN, None, 2.0),
        ("up: true", Change.UP, None, None),
        ("mtu: 1280", Change.MTU, "1280", None),
        ("add: 10.9.0.1/24", Change.ADD, "10.9.0.1/24", None),
        ('remove: "fd09::1/64"', Change.REMOVE, "fd09::1/64", None),
    ],
)
def test_an_interface_changes(
    lab: Loading, step: str, change: Change, value: str | None, duration: float | None
) -> None:
    (made,) = lab(with_steps(f'{{interface: "s:eth0", {step}}}')).steps

    assert isinstance(made, SetInterface)
    assert (made.node, made.interface) == ("s", "eth0")
    assert (made.change, made.value, made.duration) == (change, value, duration)


@pytest.mark.parametrize(
    ("service", "says"),
    [
        ("{run: web}", "the key 'name' is missing"),
        ("{run: [], name: web}", "a program is a command line or a list of texts"),
        ("{run: a b, name: a b}", "'a b' is no name"),
        ("{run: web, name: web, ready: {}}", "'ready' asks one thing, port, log or command"),
        ("{run: web, name: web, ready: {port: tcp/80, log: x}}", "not port and log"),
        ("{run: web, name: web, ready: {port: tcp}}", "'tcp' needs its port, such as tcp/80"),
        ("{run: web, name: web, ready: {port: 80}}", "a socket looks like 'tcp/7'"),
        ("{run: web, name: web, ready: {log: '['}}", "'[' is no regular expression"),
        ("{run: web, name: web, env: [A]}", "'env' is a mapping such as {PORT: 80}"),
        ("{run: web, name: web, env: {A: true}}", "A takes a text or a whole number, not true"),
        ("{run: web, name: web, env: {'A=B': x}}", "is no name of an environment variable"),
        ("{run: web, name: web, may_ends: true}", "(did you mean 'may_end'?)"),
        ("{run: web, name: web, within: 5}", "the number 5 needs a unit"),
    ],
)
def test_a_mistake_in_a_program(refused: Refusing, service: str, says: str) -> None:
    (line,) = refused(with_services(service))

    assert says in line
    assert line.startswith("lab.yaml:5:")


def test_two_programs_of_a_node_with_one_name(refused: Refusing) -> None:
    (line,) = refused(with_services("{run: a, name: web}", "{run: b, name: web}"))

    assert "services[1].name: another service of s is called 'web'" in line


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (["{crash: x}"], "crash: no node is called 'x'"),
        (["{freeze: s, for: 2}"], "the number 2 needs a unit"),
        (["{freeze: s, fro: 2s}"], "(did you mean 'for'?)"),
        (["{pause: 1s, after: c exploded}"], "'exploded' is no event"),
        (["{pause: 1s, after: x crashed}"], "only a node is ever 'crashed', and no node is called"),
        (['{interface: "s:eth1", mtu: 1280}'], "s has no interface 'eth1' (did you mean 'eth0'?)"),
        (["{interface: s, mtu: 1280}"], "an end looks like 's:eth0', not 's'"),
        (['{interface: "x:eth0", mtu: 1280}'], "no node is called 'x'"),
        (['{interface: "s:eth0"}'], "needs one of down, up, mtu, add or remove"),
        (['{interface: "s:eth0", mtu: 1280, up: true}'], "changes one thing, not up and mtu"),
        (['{interface: "s:eth0", mtu: 1}'], "an MTU is 68 to 65535, not 1"),
        (['{interface: "s:eth0", add: 10.9.0.1}'], "needs its prefix length"),
        (["{node: c, start: cat}"], "the key 'as' is missing"),
        (["{node: s, start: cat, as: web}"], "a service of s is called 'web' already"),
        (["{await: p}"], "nothing is called 'p' up to here"),
        (["{node: c, connect: tcp s:7, as: t}", "{await: t}"], "'t' is a TCP connection, not a p"),
        (["{node: c, connect: tcp s:7, as: t}", "{kill: t}"], "not a child process or a program"),
    ],
)
def test_a_mistake_in_a_step(refused: Refusing, steps: list[str], says: str) -> None:
    (line,) = refused(with_steps(*steps))

    assert says in line


def test_an_empty_socket_table_is_expected_only_with_only(lab: Loading, refused: Refusing) -> None:
    text = "name: a\nnodes: {s: }\nexpect:\n  - {sockets: {s: []}, only: true}\n"

    assert lab(text).expectations[0].text == "s has no socket at the end"
    (line,) = refused(text.replace(", only: true", ""))
    assert "an empty list says nothing, unless with 'only: true'" in line
