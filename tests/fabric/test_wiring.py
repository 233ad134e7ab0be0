from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from netlab.fabric.wiring import switching_on, wiring
from netlab.testing import impaired, plans
from netlab.topology.bridging import BRIDGE_PORTS
from netlab.topology.impairment import Impairment, Profile
from netlab.topology.plan import End, Interface, Link, LinkKind, Node, Offload, Plan, Role


def namespaces(plan: Plan) -> dict[str, str]:
    return {node.name: str(number) for number, node in enumerate(plan.nodes, start=101)}


def lan_of(size: int) -> Plan:
    nodes = tuple(
        Node(
            f"h{number}",
            Role.HOST,
            (
                Interface(
                    "eth0",
                    f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}",
                    1500,
                    "big",
                    (),
                    Offload.WIRE,
                ),
            ),
        )
        for number in range(size)
    )
    link = Link("big", LinkKind.LAN, tuple(End(node.name, "eth0") for node in nodes), ())
    return replace(plans.lan(), nodes=nodes, links=(link,))


def test_a_point_to_point_link_is_a_pair_born_inside_its_nodes():
    [command] = wiring(plans.two_hosts(), {"c1": "101", "server": "102"})
    assert command == (
        "link add name eth0 mtu 1500 index 10 address 02:00:00:00:00:01 netns 101"
        " type veth peer name eth0 mtu 1500 index 11 address 02:00:00:00:00:02 netns 102"
    )


def test_each_end_has_its_own_mtu():
    plan = plans.two_hosts()
    c1, server = plan.nodes
    small = replace(server, interfaces=(replace(server.interfaces[0], mtu=1280),))
    [command] = wiring(replace(plan, nodes=(c1, small)), namespaces(plan))
    assert command == (
        "link add name eth0 mtu 1500 index 10 address 02:00:00:00:00:01 netns 101"
        " type veth peer name eth0 mtu 1280 index 11 address 02:00:00:00:00:02 netns 102"
    )


def test_a_lan_is_a_bridge_with_a_pair_for_each_member():
    commands = wiring(plans.lan(), {"c1": "101", "c2": "102", "server": "103"})
    assert "\n".join(commands) == (
        "link add name lan0 mtu 1500 index 10 type bridge stp_state 0 mcast_snooping 0\n"
        "link add name lan0.0 mtu 1500 index 11 master lan0 up"
        " type veth peer name eth0 mtu 1500 index 12 address 02:00:00:00:00:01 netns 101\n"
        "link add name lan0.1 mtu 1500 index 13 master lan0 up"
        " type veth peer name eth0 mtu 1500 index 14 address 02:00:00:00:00:02 netns 102\n"
        "link add name lan0.2 mtu 1500 index 15 master lan0 up"
        " type veth peer name eth0 mtu 1500 index 16 address 02:00:00:00:00:03 netns 103"
    )


def test_a_bridge_carries_what_its_largest_member_sends():
    plan = plans.lan()
    c1, *others = plan.nodes
    jumbo = replace(c1, interfaces=(replace(c1.interfaces[0], mtu=9000),))
    bridge, first, second, _ = wiring(replace(plan, nodes=(jumbo, *others)), namespaces(plan))
    assert " mtu 9000 " in bridge
    assert first.count("mtu 9000") == 2
    assert second.count("mtu 9000") == second.count("mtu 1500") == 1


def test_every_link_of_a_routed_lab():
    first, second = wiring(plans.routed(mtu=1400), namespaces(plans.routed()))
    assert "peer name eth0 mtu 1500 index 11 address 02:00:00:00:00:02 netns 102" in first
    assert "add name eth1 mtu 1400 index 12 address 02:00:00:00:00:03 netns 102" in second


def test_no_two_interfaces_of_a_lab_have_the_same_number():
    """Else a veth's carrier comes up to a second late."""
    for plan in (plans.routed(), plans.lan()):
        text = " ".join(wiring(plan, namespaces(plan)))
        numbers = re.findall(r" index ([0-9]+) ", text)
        assert len(numbers) == len(set(numbers)) > 2


def test_a_lan_may_fill_its_bridge():
    plan = lan_of(BRIDGE_PORTS)
    assert len(wiring(plan, namespaces(plan))) == 1 + BRIDGE_PORTS


def test_a_lan_that_no_bridge_can_carry_is_several_around_one_in_their_middle():
    plan = lan_of(BRIDGE_PORTS + 1)
    commands = wiring(plan, namespaces(plan))
    assert [each for each in commands if " type bridge " in each] == [
        "link add name lan0 mtu 1500 index 10 type bridge stp_state 0 mcast_snooping 0",
        "link add name lan0s0 mtu 1500 index 11 type bridge stp_state 0 mcast_snooping 0",
        "link add name lan0s1 mtu 1500 index 2058 type bridge stp_state 0 mcast_snooping 0",
    ]
    cable, end = commands[2:4]
    assert cable == (
        "link add name lan0s0.in mtu 1500 index 12 master lan0 up"
        " type veth peer name lan0s0.out mtu 1500 index 13"
    )
    assert end == "link set dev lan0s0.out master lan0s0 up"
    masters = Counter(found[1] for each in commands if (found := re.search("master (\\S+)", each)))
    assert masters == {"lan0": 2, "lan0s0": BRIDGE_PORTS, "lan0s1": 3}
    assert switching_on(plan) == [
        f"link set dev {each} up" for each in ("lan0", "lan0s0", "lan0s1")
    ]


def test_bridges_are_switched_on_last():
    assert not any(
        each.startswith("link add name lan0 ") and " up " in each
        for each in wiring(plans.lan(), namespaces(plans.lan()))
    )
    assert switching_on(plans.lan()) == ["link set dev lan0 up"]
    assert switching_on(plans.two_hosts()) == []


def test_names_of_bridges_and_ports_fit_linux_however_many_there_are():
    """IFNAMSIZ: 15 characters."""
    plan = plans.lan()
    many = replace(plan, links=(*plan.links,) * 1000)
    names = {command.split()[3] for command in wiring(many, namespaces(plan))}
    assert max(map(len, names)) <= 15
    assert len(names) == 4000


def test_an_impaired_cable_is_two_pairs_through_the_fabric():
    plan = impaired.cable(Impairment(forward=Profile(delay=0.01)))
    assert wiring(plan, {"c1": "101", "server": "102"}) == [
        (
            "link add name x0l mtu 1500 index 1048576 up"
            " type veth peer name eth0 mtu 1500 index 10 address 02:00:00:00:00:01 netns 101"
        ),
        (
            "link add name x0r mtu 1500 index 1048577 up"
            " type veth peer name eth0 mtu 1500 index 11 address 02:00:00:00:00:02 netns 102"
        ),
    ]


def test_a_nodes_interface_is_the_same_whether_its_link_is_impaired_or_not():
    def interfaces(plan: Plan) -> list[str]:
        commands = "\n".join(wiring(plan, namespaces(plan)))
        return sorted(re.findall(r"name eth\S* .*? netns \d+", commands))

    assert interfaces(plans.two_hosts()) == interfaces(impaired.cable(Impairment()))
    assert interfaces(plans.lan()) == interfaces(impaired.lan(Impairment("c2:eth0")))


def test_an_impaired_member_of_a_lan_has_a_cable_of_two_parts():
    commands = wiring(impaired.lan(Impairment("c2:eth0")), namespaces(plans.lan()))
    assert sum("lan0." in command for command in commands) == 3
    assert [command for command in commands if "x0m1" in command] == [
        (
            "link add name x0m1l mtu 1500 index 1048576 up"
            " type veth peer name eth0 mtu 1500 index 14 address 02:00:00:00:00:02 netns 102"
        ),
        (
            "link add name lan0.1 mtu 1500 index 13 master lan0 up"
            " type veth peer name x0m1r mtu 1500 index 1048577"
        ),
        "link set dev x0m1r up",
    ]


def test_the_fabric_carries_what_the_larger_end_can_send():
    plan = impaired.cable(Impairment())
    c1, server = plan.nodes
    (interface,) = c1.interfaces
    large = replace(c1, interfaces=(replace(interface, mtu=9000),))
    commands = wiring(replace(plan, nodes=(large, server)), {"c1": "1", "server": "2"})
    assert [re.findall(r"name (\S+) mtu (\d+)", command) for command in commands] == [
        [("x0l", "9000"), ("eth0", "9000")],
        [("x0r", "9000"), ("eth0", "1500")],
    ]
