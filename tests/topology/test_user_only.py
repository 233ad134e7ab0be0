"""What a file asks of nodes on a kernel that only netlab's own stack can do."""

from __future__ import annotations

import pytest

from netlab.errors import TopologyError
from netlab.topology.loading import load_text
from netlab.topology.stacks import Stack
from netlab.topology.steps import Restart

QUIET = """\
name: quiet
nodes: {a: {}, b: {stack: user}}
links: [a -- b]
scenario:
  - {restart: b, quiet: 2s}
  - parallel:
      - - {restart: a, quiet: 2s}
      - - {restart: a}
"""


def test_a_kernel_keeps_no_quiet_time() -> None:
    with pytest.raises(TopologyError) as refused:
        load_text(QUIET, "lab.yaml")

    (problem,) = refused.value.problems
    assert str(problem).startswith("lab.yaml:7:11: a is on a kernel, which keeps no quiet time")


def test_netlabs_own_stack_does() -> None:
    plan = load_text(QUIET, "lab.yaml", stack=Stack.USER)

    assert isinstance(plan.steps[0], Restart)
    assert plan.steps[0].quiet == 2.0
