from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.backends.needs import KEYS, Need, check, needs_of
from netlab.errors import UsageError
from netlab.testing.plans import two_hosts
from netlab.topology.equipment import Bind, File, Readiness, Resources
from netlab.topology.plan import Plan
from netlab.topology.program import Probe


def plan_with(**fields: object) -> Plan:
    plan = two_hosts()
    c1, server = plan.nodes
    return replace(plan, nodes=(c1, replace(server, **fields)))  # type: ignore[arg-type] # whatever fields a test gives


EVERYTHING = {
    "image": "debian:12",
    "command": ("serve",),
    "env": (("A", "1"),),
    "files": (File(path="/a", content=b""),),
    "binds": (Bind(source="/a", target="/b"),),
    "resources": Resources(pids=10),
    "ready": Readiness(probe=Probe(log="up"), within=1.0),
    "user": "nobody",
}


def test_an_ordinary_lab_needs_nothing_special():
    assert needs_of(two_hosts()) == ()
    check(two_hosts(), "any", (), "")


@pytest.mark.parametrize("key", KEYS)
def test_each_key_is_a_need(key: str):
    plan = plan_with(**{key: EVERYTHING[key]})

    assert needs_of(plan) == (Need("server", key),)
    check(plan, "any", {key}, "")
    with pytest.raises(UsageError, match=f"any does not have .*: server: {key}$"):
        check(plan, "any", set(KEYS) - {key}, "")


def test_all_nodes_and_keys_are_told_in_one_error():
    plan = plan_with(**EVERYTHING)
    plan = replace(plan, nodes=tuple(replace(node, image="x") for node in plan.nodes))

    with pytest.raises(UsageError) as caught:
        check(plan, "netns", {"env", "files", "binds"}, "use --backend docker")

    assert caught.value.message == (
        "netns does not have what nodes ask for: c1: image;"
        " server: image, command, resources, ready, user"
    )
    assert caught.value.hint == "use --backend docker"
    assert caught.value.exit_code == 2


def test_of_many_nodes_the_first_are_named():
    node = replace(two_hosts().nodes[0], image="x")
    plan = replace(
        two_hosts(), nodes=tuple(replace(node, name=f"n{number}") for number in range(9))
    )

    with pytest.raises(UsageError, match=r"n4: image; and 4 more$"):
        check(plan, "netns", (), "")
