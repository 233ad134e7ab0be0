from __future__ import annotations

from netlab.topology.loading import load_text
from netlab.topology.plan import Plan
from netlab.topology.stacks import Stack

LAB = """\
name: both
nodes:
  client: {}
  server:
    services:
      - {echo: tcp/7}
      - {echo: tcp/9, stack: user}
      - {discard: tcp/9, stack: kernel}
      - {run: sleep 60, name: sleeper, stack: kernel}
links: [client -- server]
scenario:
  - {node: client, connect: tcp server:9, as: first}
  - {node: client, exec: ip neighbour show, as: neighbours, stack: kernel}
  - parallel:
      - [{node: server, exec: uname -n, as: name, stack: kernel}]
      - [{wait: 1ms, pause: 1ms}]
expect:
  - {fact: it is answered, packets: tcp.flags.syn, count: 2}
  - {fact: the program ends, exit: {neighbours: 0}, stack: kernel}
  - {fact: it is exact, packets: tcp.flags.fin, count: 0, stack: user}
"""


def on(stack: Stack) -> Plan:
    return load_text(LAB, "both.yaml", stack=stack)


def facts(plan: Plan) -> list[str]:
    return [each.text for each in plan.expectations]


def services(plan: Plan) -> list[str]:
    server = plan.node("server")
    return [each.name for each in server.services] + [each.name for each in server.programs]


def test_what_is_about_a_kernel_is_left_out_on_the_stack_of_our_own():
    plan = on(Stack.USER)

    assert facts(plan) == ["it is answered", "it is exact"]
    assert [step.text for step in plan.steps[:1]] == ["client: connect tcp server:9 as first"]
    assert len(plan.steps) == 2
    assert services(plan) == ["echo tcp/7", "echo tcp/9"]
    assert plan.notices[-1] == "left out: 2 steps and 1 expectation about kernels"


def test_what_is_about_the_stack_of_our_own_is_left_out_on_a_kernel():
    plan = on(Stack.KERNEL)

    assert facts(plan) == ["it is answered", "the program ends"]
    assert services(plan) == ["echo tcp/7", "discard tcp/9", "sleeper"]
    assert plan.notices[-1] == "left out: 1 expectation about netlab's own stack"


def test_a_step_goes_by_its_node_and_an_expectation_by_all():
    mixed = LAB.replace("client: {}", "client: {stack: user}")
    plan = load_text(mixed, "both.yaml")

    assert facts(plan) == ["it is answered"]
    assert [getattr(step, "node", None) for step in plan.steps] == ["client", None]
    assert plan.notices[-1] == "left out: 1 step and 2 expectations about one stack only"


def test_a_lab_that_says_nothing_of_stacks_is_left_as_it_is():
    text = "name: plain\nnodes: {a: {}, b: {}}\nlinks: [a -- b]\nscenario: [{node: a, ping: b}]\n"

    assert load_text(text, "plain.yaml", stack=Stack.USER).notices == ()
