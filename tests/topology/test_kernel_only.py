"""What a file asks of nodes on netlab's own stack that only a kernel can do."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from netlab.errors import TopologyError
from netlab.topology import kernel_only
from netlab.topology.loading import load_text
from netlab.topology.plan import Plan
from netlab.topology.stacks import Stack

Refusing = Callable[[str], list[str]]

EVERYTHING = """\
name: everything
nodes:
  a:
    services:
      - {run: serve, name: mine}
      - {echo: tcp, model: fork, congestion: vegas}
      - {daytime: udp, model: thread}
      - {discard: tcp, model: iterative, sigurg: true}
  b:
    congestion: bbr
    sysctls: {net.ipv4.tcp_sack: 0, net.ipv4.tcp_ecn: 9, net.ipv4.tcp_rfc1337: 1}
links: [a -- b]
scenario:
  - {node: b, connect: tcp a:7, as: c, in: child}
  - parallel:
      - - {kill: child, signal: SIGSTOP}
      - - {node: b, exec: id}
  - {node: a, start: cat, as: reader}
  - {set: {congestion: dctcp}, over: c}
"""

PROGRAM = "a program of your own has the kernel's sockets only"
MODELS = "'model' is iterative, select, epoll, asyncio or inetd there, not"
CONGESTION = "congestion control is cubic or reno there, not"

FOUND = [
    f"lab.yaml:{place}: {node} is on netlab's own stack: {what}"
    for place, node, what in (
        ("3:3", "a", f"the service daytime udp/13: {MODELS} thread"),
        ("3:3", "a", f"the service echo tcp/7: {MODELS} fork"),
        ("3:3", "a", f"the service echo tcp/7: {CONGESTION} vegas"),
        ("3:3", "a", f"the service mine: {PROGRAM}"),
        ("9:3", "b", "'sysctls': it has no net.ipv4.tcp_rfc1337; docs/stack.md lists what it has"),
        ("9:3", "b", "'sysctls': net.ipv4.tcp_ecn takes a number from 0 to 2, not 9"),
        ("9:3", "b", f"{CONGESTION} bbr"),
        ("16:11", "b", "a process is a group of sockets there, which SIGSTOP cannot stop"),
        ("17:11", "b", PROGRAM),
        ("18:5", "a", PROGRAM),
        ("19:5", "b", f"{CONGESTION} dctcp"),
    )
]


def on_user_stack(text: str) -> Plan:
    return load_text(dedent(text), "lab.yaml", stack=Stack.USER)


def test_the_kernel_can_do_everything() -> None:
    assert load_text(EVERYTHING, "lab.yaml").node("a").stack is Stack.KERNEL


def test_all_is_told_at_once_with_its_place() -> None:
    with pytest.raises(TopologyError) as caught:
        on_user_stack(EVERYTHING)

    said = [str(problem) for problem in caught.value.problems]
    assert said == [f"{each} (leave '--stack user' out)" for each in FOUND]
    assert caught.value.exit_code == 2


def test_who_puts_a_plan_on_the_stack_later_says_what_helps() -> None:
    plan = load_text(EVERYTHING, "lab.yaml").on_user_stack()

    said = [str(problem) for problem in kernel_only.wrong(plan, "use --backend netns")]

    assert sorted(said) == sorted(f"{each} (use --backend netns)" for each in FOUND)


def test_a_file_is_told_of_the_nodes_that_it_puts_there(refused: Refusing) -> None:
    said = refused("""
        name: mixed
        nodes:
          a: {stack: user, services: [{run: serve, name: mine}]}
          b: {services: [{run: serve, name: mine}]}
        links: [a -- b]
        scenario:
          - {node: b, exec: id}
        """)
    assert len(said) == 1
    assert said[0].startswith("lab.yaml:3:3: a is on netlab's own stack: the service mine:")
    assert said[0].endswith("(give the node 'stack: kernel')")


def test_it_is_told_together_with_what_else_is_wrong(refused: Refusing) -> None:
    said = refused("""
        name: both
        nodes:
          a: {stack: user, sysctls: {net.ipv4.tcp_sak: 0}}
          b: {}
        links: [a -- b]
        scenario:
          - {node: a, exec: uname}
          - {node: c, ping: a}
        """)
    assert [each.split(":")[1] for each in said] == ["3", "7", "8"]
    assert "tcp_sak" in said[0]
    assert "a program of your own" in said[1]
    assert "no node is called 'c'" in said[2]


def test_a_file_that_asks_for_the_stack_runs_on_the_kernel() -> None:
    text = EVERYTHING.replace("nodes:", "defaults: {stack: user}\nnodes:")
    with pytest.raises(TopologyError):
        load_text(text, "lab.yaml")

    plan = load_text(text, "lab.yaml", stack=Stack.KERNEL)

    assert {node.stack for node in plan.nodes} == {Stack.KERNEL}
    assert plan.stack is Stack.KERNEL


def played(*steps: str) -> Plan:
    lines = "\n".join(f"  - {step}" for step in steps)
    return on_user_stack(
        "name: a\nnodes:\n  a: {}\n  b: {services: [{echo: tcp}]}\nlinks: [a -- b]\n"
        f"scenario:\n{lines}\n"
    )


CONNECTED = "{node: a, connect: tcp b:7, as: c, in: child}"


@pytest.mark.parametrize(
    "step",
    [
        "{node: a, connect: tcp b:7, as: c, congestion: vegas}",
        "{node: a, many: {connect: tcp b:7, count: 2, congestion: vegas}, as: c}",
    ],
)
def test_options_of_a_socket_that_is_made_are_looked_at(step: str) -> None:
    with pytest.raises(TopologyError, match=CONGESTION):
        played(step)
    played(step.replace("vegas", "reno"))


@pytest.mark.parametrize("signal", ["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"])
def test_a_group_of_sockets_cannot_be_stopped(signal: str) -> None:
    with pytest.raises(TopologyError, match=f"which {signal} cannot stop"):
        played(CONNECTED, f"{{kill: child, signal: {signal}}}")


@pytest.mark.parametrize("signal", ["SIGTERM", "SIGKILL"])
def test_it_can_be_ended(signal: str) -> None:
    played(CONNECTED, f"{{kill: child, signal: {signal}}}")


@pytest.mark.parametrize("model", kernel_only.MODELS)
def test_models_without_processes_work(model: str) -> None:
    plan = on_user_stack(f"name: a\nnodes:\n  a: {{services: [{{echo: tcp, model: {model}}}]}}\n")
    assert plan.node("a").services[0].model_on(Stack.USER) == model


def test_programs_of_an_image_are_no_part_of_the_stack() -> None:
    with pytest.raises(TopologyError, match="a is on netlab's own stack: 'command': a program"):
        on_user_stack("name: a\nnodes:\n  a: {image: 'debian:12', command: cat}\n")
