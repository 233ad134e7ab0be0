"""Plans whose links are impaired, for tests that need one but no file."""

from __future__ import annotations

from dataclasses import replace

from netlab.testing import plans
from netlab.topology.impairment import Action, Fault, Impairment
from netlab.topology.plan import Plan
from netlab.topology.steps import Step


def cable(impairment: Impairment, steps: tuple[Step, ...] = ()) -> Plan:
    """``c1`` and ``server`` on one link that is impaired."""
    plan = plans.two_hosts(steps=steps)
    return replace(plan, links=(replace(plan.links[0], impairments=(impairment,)),))


def lan(*impairments: Impairment) -> Plan:
    """``c1``, ``c2`` and ``server`` on one LAN; the impairments name their ends."""
    plan = plans.lan()
    return replace(plan, links=(replace(plan.links[0], impairments=impairments),))


def drop(
    expression: str,
    *,
    forward: bool = True,
    nth: tuple[int, ...] = (),
    every: int | None = None,
) -> Fault:
    text = f"drop {expression}"
    return Fault(Action.DROP, expression, forward, "lab.yaml:1:1", text, nth=nth, every=every)
