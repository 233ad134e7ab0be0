from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import ip_network

from netlab.fabric.configuration import (
    KERNEL_SETTINGS,
    Configuration,
    configuration,
    of_kernel,
)
from netlab.testing import plans
from netlab.topology.plan import Interface, Node, Offload, Route
from netlab.topology.stacks import Stack


def client(**changes: object) -> Node:
    return replace(plans.two_hosts().node("c1"), **changes)  # type: ignore[arg-type] # any field


def interface(**changes: object) -> Interface:
    return replace(client().interfaces[0], **changes)  # type: ignore[arg-type] # any field


def commands(node: Node) -> list[str]:
    """Without the settings that every node has."""
    common = {f"sysctl -w {key}='{value}'" for key, value in KERNEL_SETTINGS}
    made = configuration(node)
    told = [*made.early_commands(), *made.commands()]
    assert common < set(told)
    return [each for each in told if each not in common]


def test_a_host():
    node = client(routes=(Route(ip_network("0.0.0.0/0"), "10.0.0.254", "eth0"),))
    assert commands(node) == [
        "sysctl -w net.ipv4.tcp_congestion_control='cubic'",
        "sysctl -w net.ipv4.ip_forward='0'",
        "sysctl -w net.ipv6.conf.all.forwarding='0'",
        "ethtool -K eth0 rx off tx off sg off tso off gso off gro off",
        "ip address add 10.0.0.2/24 broadcast + dev eth0",
        "ip address add fd00::2/64 nodad dev eth0",
        "ip link set dev lo up",
        "ip link set dev eth0 up",
        "ip route add 0.0.0.0/0 via 10.0.0.254 dev eth0 proto static",
    ]


def test_only_routers_forward():
    forwarding = "sysctl -w net.ipv4.ip_forward='1'"
    assert forwarding in commands(plans.routed().node("r1"))
    assert forwarding not in commands(plans.routed().node("server"))


def test_offloads_stay_on_where_the_file_says_fast():
    fast = commands(client(interfaces=(interface(offload=Offload.FAST),)))
    assert not any(command.startswith("ethtool") for command in fast)


def test_an_interface_too_small_for_ipv6_does_not_speak_it():
    small = commands(client(interfaces=(interface(mtu=1279),)))
    assert "sysctl -e -w net.ipv6.conf.eth0.disable_ipv6='1'" in small
    large = commands(client(interfaces=(interface(mtu=1280),)))
    assert not any("disable_ipv6" in command for command in large)


def test_the_files_own_settings_come_after_ours():
    mine = "sysctl -w net.ipv4.ip_forward='1'"
    told = commands(client(sysctls=(("net.ipv4.ip_forward", "1"),)))
    assert told.index(mine) > told.index("sysctl -w net.ipv4.ip_forward='0'")


def test_a_configuration_survives_its_way_to_the_agent():
    for node in plans.routed().nodes:
        made = configuration(node)
        assert Configuration.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_the_kernel_of_a_node_on_a_stack_of_its_own_has_nothing_to_say():
    route = Route(ip_network("0.0.0.0/0"), "10.0.0.254", "eth0")
    node = client(stack=Stack.USER, routes=(route,), sysctls=(("net.ipv4.tcp_sack", "0"),))

    kernels = of_kernel(node)

    assert [*kernels.early_commands(), *kernels.commands(), *kernels.late_commands()] == [
        "sysctl -w net.ipv6.conf.all.disable_ipv6='1'",
        "sysctl -w net.ipv6.conf.default.disable_ipv6='1'",
        "sysctl -w net.ipv4.ip_forward='0'",
        "sysctl -e -w net.ipv6.conf.eth0.disable_ipv6='1'",
        "ip link set dev eth0 arp off multicast off",
        "ethtool -K eth0 rx off tx off sg off tso off gso off gro off",
        "ip link set dev lo up",
        "ip link set dev eth0 up",
    ]
    assert Configuration.from_json(json.loads(json.dumps(kernels.to_json()))) == kernels


def test_what_the_stack_gets_is_what_a_kernel_would_get():
    node = client(stack=Stack.USER)
    assert configuration(node) == configuration(client())
    assert of_kernel(client()) == configuration(client())
