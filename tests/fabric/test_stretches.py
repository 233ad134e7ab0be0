from __future__ import annotations

from dataclasses import replace
from typing import Any

from netlab.fabric.stretches import longest_wait, stretches
from netlab.testing.impaired import cable, drop, lan
from netlab.topology.impairment import Action, Impairment, Profile
from netlab.topology.plan import Link, LinkKind
from netlab.topology.steps import AddFault, ImpairLink, Parallel, ProfileChange, Timing

STEP: dict[str, Any] = {
    "where": "lab.yaml:1:1",
    "text": "",
    "timing": Timing(),
    "link": "c1 -- server",
}
SLOWER = ImpairLink(**STEP, changes=(ProfileChange(None, True, (("delay", 0.5),)),))


def test_an_impaired_cable_is_a_stretch():
    (stretch,) = stretches(cable(Impairment(forward=Profile(delay=0.01))))
    assert (stretch.name, stretch.link) == ("c1 -- server", "c1 -- server")
    assert (stretch.left, stretch.right, stretch.mtu) == ("x0l", "x0r", 1500)
    assert stretch.is_static
    assert not stretch.is_idle


def test_the_seed_of_a_stretch_is_the_labs_and_its_own():
    first = replace(cable(Impairment()), seed=7)
    assert stretches(first)[0].seed == "7/c1 -- server"


def test_each_impaired_member_of_a_lan_has_a_stretch():
    found = stretches(lan(Impairment("c1:eth0"), Impairment("server:eth0")))
    assert [each.name for each in found] == ["lan at c1:eth0", "lan at server:eth0"]
    assert [each.left for each in found] == ["x0m0l", "x0m2l"]


def test_names_fit_into_what_linux_allows():
    plan = lan(Impairment("server:eth0"))
    other = Link("other", LinkKind.POINT_TO_POINT, (), ())
    many = replace(plan, links=(*(other,) * 2000, plan.links[0]))
    (stretch,) = stretches(many)
    assert len(stretch.left) <= 15


def test_a_link_that_does_nothing_yet_is_idle():
    assert stretches(cable(Impairment()))[0].is_idle


def test_steps_change_a_stretch_wherever_they_stand():
    nested = Parallel(where="", text="", timing=Timing(), branches=((SLOWER,),))
    assert stretches(cable(Impairment(), (nested,)))[0].changes
    fault = drop("tcp")
    added = AddFault(**STEP, faults=((None, fault),))
    assert stretches(cable(Impairment(), (added,)))[0].faults_to_come == (fault,)


def test_how_long_a_packet_may_be_under_way():
    assert longest_wait(cable(Impairment())) == 0
    profile = Profile(delay=0.1, jitter=0.02, reorder=0.1, reorder_by=0.03)
    assert round(longest_wait(cable(Impairment(backward=profile))), 9) == 0.15
    queue = Profile(rate=8000, queue=2000)
    assert longest_wait(cable(Impairment(forward=queue))) == 2
    held = replace(drop("tcp"), action=Action.HOLD, duration=0.3)
    assert longest_wait(cable(Impairment(faults=(held,)))) == 0.3
    assert longest_wait(cable(Impairment(), (SLOWER,))) == 0.5
