"""Where links pass the fabric, so that packets can be impaired between two captures.

::

    node a ══ left ── engine ── right ══ node b          a point-to-point link
    node c ══ left ── engine ── right ══ port of the bridge       a LAN member's cable
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from netlab.topology.impairment import CLEAR, Fault, Impairment, Profile, stretch_name
from netlab.topology.plan import End, Link, LinkKind, Plan
from netlab.topology.steps import AddFault, ImpairLink, Parallel, Step


@dataclass(frozen=True, slots=True)
class Stretch:
    """``left`` and ``right`` are interfaces of the fabric, with MTU ``mtu``.

    ``changes`` and ``faults_to_come`` are what the scenario will do to it.
    """

    name: str
    link: str
    left: str
    right: str
    mtu: int
    seed: str
    impairment: Impairment
    changes: bool = False
    faults_to_come: tuple[Fault, ...] = field(default=())

    @property
    def is_static(self) -> bool:
        """Whether it stays as it is while the scenario plays."""
        return not self.changes and not self.faults_to_come

    @property
    def is_idle(self) -> bool:
        """Whether it does nothing until somebody changes it."""
        return not self.impairment.faults and all(
            each.is_clear for each in self.impairment.profiles
        )

    def ways(self) -> Iterator[tuple[str, str, bool, Profile]]:
        """(from, to, forward, profile) of both directions."""
        yield self.left, self.right, True, self.impairment.forward
        yield self.right, self.left, False, self.impairment.backward


def stretches(plan: Plan) -> tuple[Stretch, ...]:
    """All of a lab, in the order of its links."""
    to_come = list(_impairing(plan.steps))
    mtus = {End(n.name, i.name): i.mtu for n in plan.nodes for i in n.interfaces}
    return tuple(
        _with_steps(
            Stretch(
                stretch_name(link.name, impairment.end),
                link.name,
                *fabric_names(number, link, impairment.end),
                mtu=max(mtus[end] for end in link.ends),
                seed=f"{plan.seed}/{stretch_name(link.name, impairment.end)}",
                impairment=impairment,
            ),
            [step for step in to_come if step.link == link.name],
        )
        for number, link in enumerate(plan.links)
        for impairment in link.impairments
    )


def longest_wait(plan: Plan) -> float:
    """Seconds that a packet may be under way where no capture sees it, as far as is known."""
    profiles = [profile for link in plan.links for s in link.impairments for profile in s.profiles]
    faults = [fault for link in plan.links for s in link.impairments for fault in s.faults]
    for step in _impairing(plan.steps):
        if isinstance(step, AddFault):
            faults += [fault for _, fault in step.faults]
        else:
            profiles += [replace(CLEAR, **dict(change.fields)) for change in step.changes]
    waits = [profile.longest_wait for profile in profiles]
    waits += [fault.duration for fault in faults if fault.duration is not None]
    return max(waits, default=0.0)


def _with_steps(stretch: Stretch, steps: list[ImpairLink | AddFault]) -> Stretch:
    end = stretch.impairment.end
    changed = [c.end for step in steps if isinstance(step, ImpairLink) for c in step.changes]
    added = [fault for step in steps if isinstance(step, AddFault) for fault in step.faults]
    faults = tuple(fault for where, fault in added if where == end)
    return replace(stretch, changes=end in changed, faults_to_come=faults)


def fabric_names(number: int, link: Link, end: str | None) -> tuple[str, str]:
    """The interfaces of a stretch of the plan's link ``number``; at most 15 characters."""
    if link.kind is LinkKind.POINT_TO_POINT:
        return f"x{number}l", f"x{number}r"
    member = [str(each) for each in link.ends].index(str(end))
    return f"x{number}m{member}l", f"x{number}m{member}r"


def _impairing(steps: Iterable[Step]) -> Iterator[ImpairLink | AddFault]:
    for step in steps:
        if isinstance(step, ImpairLink | AddFault):
            yield step
        elif isinstance(step, Parallel):
            for branch in step.branches:
                yield from _impairing(branch)
