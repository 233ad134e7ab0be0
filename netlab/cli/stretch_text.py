"""Impaired links in words and commands, for `netlab plan`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from netlab.fabric.configuration import WIRE_OFFLOADS
from netlab.fabric.engines import candidates, said
from netlab.fabric.rules import queueing, rules
from netlab.fabric.stretches import Stretch, stretches
from netlab.topology.impairment import CLEAR, Engine, Profile
from netlab.topology.plan import Plan
from netlab.topology.profile_text import told


def impaired(plan: Plan) -> Iterator[str]:
    """What each stretch does, and what does it."""
    for stretch in stretches(plan):
        yield f"{stretch.name}: {engine(stretch)}"
        for way, profile in zip(("->", "<-"), stretch.impairment.profiles, strict=True):
            yield f"  {way} {_profile(profile)}"
            forward = way == "->"
            for fault in stretch.impairment.faults:
                if fault.forward is forward:
                    yield f"  {way} {fault.text} ({fault.where})"


def engine(stretch: Stretch) -> str:
    """The engine; where it takes a kernel to know, those that come into question."""
    first, *others = candidates(stretch)
    text = said(stretch, first)
    return f"{text} where this kernel can, else {others[0]}" if others else text


def commands(plan: Plan) -> Iterator[str]:
    """What sets the first choice of engine up."""
    found = stretches(plan)
    if not found:
        return
    yield "# in the lab's own namespace, once the links are there"
    switches = " ".join(f"{feature} off" for feature in WIRE_OFFLOADS)
    for stretch in found:
        for name in (stretch.left, stretch.right):
            yield f"ethtool -K {name} {switches}"
    for stretch in found:
        chosen = candidates(stretch)[0]
        if chosen is Engine.EMULATOR:
            yield f"# netlab's emulator joins {stretch.left} and {stretch.right}"
            continue
        yield from (f"nft '{line}'" for line in rules(stretch))
        yield from (f"tc {line}" for line in queueing(stretch, chosen))


def _profile(profile: Profile) -> str:
    """The parameters that are set."""
    values = {each.name: getattr(profile, each.name) for each in fields(profile)}
    return told({k: v for k, v in values.items() if v != getattr(CLEAR, k)}) or "clear"
