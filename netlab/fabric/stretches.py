"""Where links pass the fabric, so that packets can be impaired between two captures.

::

    node a ══ left ── engine ── right ══ node b          a point-to-point link
    node c ══ left ── engine ── right ══ port of the bridge       a LAN member's cable
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from netlab.topology.impairment import Fault, Impairment, Profile
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
    def profiles(self) -> tuple[Profile, Profile]:
        return self.impairment.forward, self.impairment.backward

    @property
    def is_static(self) -> bool:
        """Whether it stays as it is while the scenario plays."""
        return not self.changes and not self.faults_to_come

    @property
    def is_idle(self) -> bool:
        """Whether it does nothing until somebody changes it."""
        return not self.impairment.faults and all(each.is_clear for each in self.profiles)

    def ways(self) -> Iterator[tuple[str, str, bool, Profile]]:
        """(from, to, forward, profile) of both directions."""
        yield self.left, self.right, True, self.impairment.forward
        yield self.right, self.left, False, self.impairment.backward


def stretches(plan: Plan) -> tuple[Stretch, ...]:
    """All of a lab, in the order of its links."""
    to_come = list(_impairing(plan.steps))
    mtus = {End(n.name, i.name): i.mtu for n in plan.nodes for i in n.interfaces}
    return tuple(
        _stretch(plan, number, link, impairment, max(mtus[end] for end in link.ends), to_come)
        for number, link in enumerate(plan.links)
        for impairment in link.impairments
    )


def stretch_name(link: str, end: str | None) -> str:
    """How reports call it: the link, and on a LAN whose cable."""
    return link if end is None else f"{link} at {end}"


def _stretch(
    plan: Plan,
    number: int,
    link: Link,
    impairment: Impairment,
    mtu: int,
    to_come: list[ImpairLink | AddFault],
) -> Stretch:
    left, right = fabric_names(number, link, impairment.end)
    mine = [step for step in to_come if step.link == link.name]
    name = stretch_name(link.name, impairment.end)
    return Stretch(
        name=name,
        link=link.name,
        left=left,
        right=right,
        mtu=mtu,
        seed=f"{plan.seed}/{name}",
        impairment=impairment,
        changes=any(
            change.end == impairment.end
            for step in mine
            if isinstance(step, ImpairLink)
            for change in step.changes
        ),
        faults_to_come=tuple(
            fault
            for step in mine
            if isinstance(step, AddFault)
            for end, fault in step.faults
            if end == impairment.end
        ),
    )


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
