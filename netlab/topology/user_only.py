"""What of a lab only netlab's own stack can do, said of the nodes that are on a kernel's."""

from __future__ import annotations

from netlab.errors import Problem
from netlab.topology.kernel_only import problem
from netlab.topology.plan import Plan
from netlab.topology.stacks import Stack
from netlab.topology.steps import Restart, every_step

_HINT = "leave it out, or give the node 'stack: user'"


def wrong(plan: Plan) -> list[Problem]:
    """All that nodes on a kernel cannot do."""
    kernels = {node.name for node in plan.nodes if node.stack is Stack.KERNEL}
    return [
        problem(
            step.where,
            f"{step.node} is on a kernel, which keeps no quiet time when it starts ('quiet')",
            _HINT,
        )
        for step in every_step(plan.steps)
        if isinstance(step, Restart) and step.quiet is not None and step.node in kernels
    ]
