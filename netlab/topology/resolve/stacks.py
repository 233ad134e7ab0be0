"""What of a lab is about one stack only, and is left out on the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from netlab.topology.plan import Plan
from netlab.topology.stacks import Stack
from netlab.topology.steps import NodeStep, Parallel, Step

_CALLED = {Stack.KERNEL: "kernels", Stack.USER: "netlab's own stack"}


def stack_of(model: Any) -> Stack | None:
    """Of a model that may say ``stack``."""
    return None if model.stack is None else Stack(model.stack)


def fitting(plan: Plan) -> Plan:
    """The Plan without what is about another stack than its nodes'; a notice says how much."""
    nodes = tuple(
        replace(
            node,
            services=tuple(each for each in node.services if each.stack in {None, node.stack}),
            programs=tuple(each for each in node.programs if each.stack in {None, node.stack}),
        )
        for node in plan.nodes
    )
    speaks = {node.name: node.stack for node in plan.nodes}
    steps = tuple(_fitting(plan.steps, speaks))
    stacks = {None, *speaks.values()} if len({*speaks.values()}) == 1 else {None}
    expectations = tuple(each for each in plan.expectations if each.stack in stacks)
    left = _count(plan.steps) - _count(steps), len(plan.expectations) - len(expectations)
    if not any(left) and nodes == plan.nodes:
        return plan
    return replace(
        plan,
        nodes=nodes,
        steps=steps,
        expectations=expectations,
        notices=(*plan.notices, _said(*left, set(speaks.values()))) if any(left) else plan.notices,
    )


def _fitting(steps: Iterable[Step], speaks: dict[str, Stack]) -> Iterator[Step]:
    for step in steps:
        stacks = {speaks[step.node]} if isinstance(step, NodeStep) else {*speaks.values()}
        if step.stack is not None and stacks != {step.stack}:
            continue
        if isinstance(step, Parallel):
            branches = (tuple(_fitting(branch, speaks)) for branch in step.branches)
            yield replace(step, branches=tuple(branch for branch in branches if branch))
        else:
            yield step


def _count(steps: Iterable[Step]) -> int:
    return sum(
        sum(map(_count, step.branches)) if isinstance(step, Parallel) else 1 for step in steps
    )


def _said(steps: int, expectations: int, stacks: set[Stack]) -> str:
    counted = {"step": steps, "expectation": expectations}
    what = [f"{n} {noun}{'s' * (n > 1)}" for noun, n in counted.items() if n]
    others = [_CALLED[each] for each in Stack if each not in stacks] or ["one stack only"]
    return f"left out: {' and '.join(what)} about {others[0]}"
