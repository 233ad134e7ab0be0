"""What containers of labs may do, are called and are labelled."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from netlab import __version__
from netlab.backends.docker import containers
from netlab.backends.docker.containers import Image, Run
from netlab.backends.docker.owner import Owner
from netlab.testing.plans import two_hosts
from netlab.topology.equipment import Bind, File, Resources
from netlab.topology.plan import Node, Role

RUN = Run("pair", "0123456789abcdef", "machine/boot/0/1/2")
OURS = Image("netlab/node:1", agent=True, read_only=True)
FOREIGN = Image("debian:12", agent=False, read_only=False)
PLAN = two_hosts()
C1 = PLAN.nodes[0]


def test_a_node_has_three_capabilities_and_cannot_get_more():
    host = containers.node(RUN, PLAN, C1, OURS)["HostConfig"]

    assert host["CapDrop"] == ["ALL"]
    assert host["CapAdd"] == ["NET_ADMIN", "NET_RAW", "NET_BIND_SERVICE"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert "PidMode" not in host
    assert not host.get("Privileged")


def test_the_fabric_has_four_capabilities_and_sees_all_processes():
    host = containers.fabric(RUN)["HostConfig"]

    assert host["CapDrop"] == ["ALL"]
    assert host["CapAdd"] == ["NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_PTRACE"]
    assert "no-new-privileges" in host["SecurityOpt"]
    assert host["PidMode"] == "host"
    assert host["ReadonlyRootfs"]
    assert not host.get("Privileged")
    assert "Binds" not in host


@pytest.mark.parametrize(
    "body", [containers.fabric(RUN), containers.node(RUN, PLAN, C1, OURS)], ids=["fabric", "node"]
)
def test_every_container_is_without_networks_and_removed_when_it_ends(body: containers.Body):
    assert body["HostConfig"]["NetworkMode"] == "none"
    assert body["HostConfig"]["AutoRemove"]


def test_the_fabric_ends_with_its_one_input():
    body = containers.fabric(RUN)

    assert body["OpenStdin"]
    assert body["StdinOnce"]


def test_labels_say_lab_run_node_owner_and_version():
    of_all = {
        "org.netlab.lab": "pair",
        "org.netlab.run": "0123456789abcdef",
        "org.netlab.owner": "machine/boot/0/1/2",
        "org.netlab.version": __version__,
    }

    assert containers.fabric(RUN)["Labels"] == of_all
    assert containers.node(RUN, PLAN, C1, OURS)["Labels"] == {**of_all, "org.netlab.node": "c1"}


def test_the_owner_of_a_new_run_is_this_process():
    assert Run.new("pair").owner == str(Owner.this_process())


def test_names_tell_lab_run_and_node_and_are_such_as_engines_take():
    assert RUN.name("c1") == "netlab-pair-012345-c1"
    assert re.fullmatch("[a-zA-Z0-9_.-]+", replace(RUN, lab="a lab/ö").name("r 1"))


def test_two_runs_of_a_lab_have_different_names():
    assert Run.new("pair").name("c1") != Run.new("pair").name("c1")


def test_a_root_is_read_only_where_the_image_allows_and_no_file_goes_into_it():
    with_file = replace(C1, files=(File(path="/etc/motd", content=b"hello"),))

    def read_only(node: Node, image: Image) -> bool:
        host = containers.node(RUN, PLAN, node, image)["HostConfig"]
        return bool(host["ReadonlyRootfs"])

    assert read_only(C1, OURS)
    assert not read_only(C1, FOREIGN)
    assert not read_only(with_file, OURS)


def test_what_a_node_takes_is_bounded_whether_its_file_says_so_or_not():
    bounded = replace(C1, resources=Resources(memory=32 << 20, cpus=0.5, pids=9))

    unsaid = containers.node(RUN, PLAN, C1, OURS)["HostConfig"]
    said = containers.node(RUN, PLAN, bounded, OURS)["HostConfig"]

    assert (unsaid["Memory"], unsaid["PidsLimit"], unsaid["NanoCpus"]) == (512 << 20, 512, 0)
    assert (said["Memory"], said["PidsLimit"], said["NanoCpus"]) == (32 << 20, 9, 500_000_000)
    for host in (unsaid, said):
        assert host["MemorySwap"] == host["Memory"]  # no swap beside it


def test_an_image_of_ours_runs_the_agent_another_its_own_program_and_a_command_wins():
    commanded = replace(C1, command=("serve", "--all"))

    ours, foreign = (containers.node(RUN, PLAN, C1, image) for image in (OURS, FOREIGN))
    told = containers.node(RUN, PLAN, commanded, FOREIGN)

    assert ours["Entrypoint"] == ["/opt/netlab/bin/agent"]
    assert "Entrypoint" not in foreign
    assert (told["Entrypoint"], told["Cmd"]) == (["serve"], ["--all"])


def test_environment_user_binds_and_hosts_are_the_plans():
    node = replace(
        C1,
        env=(("GREETING", "good day"),),
        user="www-data",
        binds=(
            Bind(source="/etc", target="/srv/etc", read_only=True),
            Bind(source="/data", target="/srv"),
        ),
    )

    body = containers.node(RUN, PLAN, node, OURS)

    assert body["Env"] == ["GREETING=good day"]
    assert body["User"] == "www-data"
    assert body["Hostname"] == "c1"
    assert body["HostConfig"]["Binds"] == ["/etc:/srv/etc:ro", "/data:/srv"]
    hosts = [f"{name}:{entry.address}" for entry in PLAN.hosts for name in entry.names]
    assert body["HostConfig"]["ExtraHosts"] == hosts


def test_the_image_of_a_node_is_by_its_role_and_of_this_version():
    assert containers.image_name(C1) == f"netlab/node:{__version__}"
    router = replace(C1, role=Role.ROUTER)
    assert containers.image_name(router) == f"netlab/router:{__version__}"


@pytest.mark.parametrize(
    ("asked", "used"),
    [
        (None, f"netlab/node:{__version__}"),
        ("netlab/servers", f"netlab/servers:{__version__}"),
        ("netlab/servers:0.0.1", "netlab/servers:0.0.1"),
        ("netlab/servers@sha256:0123", "netlab/servers@sha256:0123"),
        ("nginx", "nginx"),
        ("nginx:1.27", "nginx:1.27"),
    ],
)
def test_an_image_of_netlab_without_a_tag_is_of_this_version(asked: str | None, used: str):
    assert containers.image_name(replace(C1, image=asked)) == used


def test_an_image_is_what_its_labels_say():
    ours = {"org.netlab.agent": "true", "org.netlab.read-only": "true"}

    assert containers.image_of("netlab/node:1", ours) == OURS
    assert containers.image_of("debian:12", None) == FOREIGN
