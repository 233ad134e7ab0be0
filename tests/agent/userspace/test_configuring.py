"""What a node's configuration, and what is changed of it, means for a host of our stack."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from netlab.agent.userspace import configuring
from netlab.fabric.configuration import (
    Configuration,
    InterfaceSettings,
    RouteSettings,
    configuration,
)
from netlab.stack.host import Host
from netlab.stack.ip.interface import AddressState
from netlab.testing.stack_agents import Agents, two_agents
from netlab.wire.address import from_text, to_text

MAC = "02:00:00:00:00:01"
WANTED = Configuration(
    congestion="reno",
    early=(),
    sysctls=(),
    interfaces=(
        InterfaceSettings("eth0", 1500, MAC, ("10.0.0.1/24", "fd00::1/64"), wire=True, ipv6=True),
    ),
    routes=(
        RouteSettings("0.0.0.0/0", "10.0.0.254", "eth0"),
        RouteSettings("::/0", "fd00::fe", "eth0"),
    ),
)
ALL = [
    *("10.0.0.0/24 eth0", "0.0.0.0/0 10.0.0.254"),
    *("fe80::/64 eth0", "fd00::/64 eth0", "::/0 fd00::fe"),
]


def made(wanted: Configuration = WANTED) -> Host:
    host = configuring.make_host(wanted, is_router=False, seed="7/c1")

    def add(settings: InterfaceSettings) -> None:
        host.ip.add_interface(0, settings.name, from_text(settings.mac), settings.mtu)

    configuring.configure(host, 0, wanted, add)
    return host


def change(host: Host, what: str, wanted: Configuration = WANTED, **arguments: object) -> list[str]:
    request = {"what": what, "interface": "eth0", "configuration": wanted.to_json(), **arguments}
    return configuring.change(host, 0, request)


def having(*addresses: str, mtu: int = 1500) -> Configuration:
    (interface,) = WANTED.interfaces
    return replace(WANTED, interfaces=(replace(interface, addresses=addresses, mtu=mtu),))


def addresses(host: Host) -> list[str]:
    return [to_text(address) for address in host.ip.interfaces["eth0"].assigned]


def routes(host: Host) -> list[str]:
    return [
        f"{to_text(each.prefix)}/{each.prefix_length} "
        + (to_text(each.gateway) if each.gateway else each.interface)
        for each in host.ip.routes
    ]


def test_a_host_has_the_addresses_routes_and_congestion_control_it_is_to_have():
    host = made()
    assert addresses(host) == ["fe80::ff:fe00:1", "10.0.0.1", "fd00::1"]
    assert sorted(routes(host)) == sorted(ALL)
    assert host.tcp.profile.congestion == "reno"


def test_an_interface_too_small_for_ipv6_has_none():
    assert addresses(made(having("10.0.0.1/24", "fd00::1/64", mtu=1000))) == ["10.0.0.1"]


def test_sysctls_are_set_before_anything_is_sent():
    host = made(replace(WANTED, sysctls=(("net.ipv4.tcp_retries2", "3"),)))
    assert host.tcp.profile.retries == 3
    assert not host.ip.routers.probes.either("eth0")
    host = made(replace(WANTED, sysctls=(("net.ipv6.conf.eth0.accept_dad", "1"),)))
    assert host.ip.routers.probes.either("eth0")


def test_a_congestion_control_that_the_stack_does_not_have_is_refused_in_words():
    with pytest.raises(OSError, match="no congestion control bbr: it has cubic and reno"):
        made(replace(WANTED, congestion="bbr"))


def test_an_interface_that_is_down_has_no_routes_and_gets_them_back():
    host = made()
    assert change(host, "set-link", up=False) == []
    assert routes(host) == []
    assert change(host, "set-link", up=True) == []
    assert sorted(routes(host)) == sorted(ALL)


def test_what_was_changed_while_it_was_down_is_so_when_it_is_up_again():
    host = made()
    change(host, "set-link", up=False)
    wanted = having("10.0.0.9/24", "fd00::1/64")
    assert change(host, "remove-address", wanted, address="10.0.0.1/24", up=False) == []
    assert change(host, "add-address", wanted, address="10.0.0.9/24", up=False) == []
    assert routes(host) == []
    change(host, "set-link", wanted, up=True)
    assert addresses(host) == ["fe80::ff:fe00:1", "fd00::1", "10.0.0.9"]
    assert sorted(routes(host)) == sorted(ALL)


def test_ipv6_goes_with_a_small_mtu_and_comes_back_with_a_larger_one():
    host = made()
    small = having("10.0.0.1/24", "fd00::1/64", mtu=1000)
    assert change(host, "set-mtu", small, mtu=1000, up=True) == []
    assert addresses(host) == ["10.0.0.1"]
    assert routes(host) == ["10.0.0.0/24 eth0", "0.0.0.0/0 10.0.0.254"]
    assert change(host, "set-mtu", mtu=1500, up=True) == []
    assert sorted(routes(host)) == sorted(ALL)
    assert host.ip.interfaces["eth0"].mtu == 1500


def test_an_mtu_that_no_interface_can_have_is_a_problem_in_words():
    assert change(made(), "set-mtu", mtu=60, up=True) == ["eth0: mtu 60 is not from 68 to 65535"]


def test_the_last_address_of_ipv4_takes_the_routes_along_and_a_new_one_brings_them_back():
    host = made()
    without = having("fd00::1/64")
    assert change(host, "remove-address", without, address="10.0.0.1/24", up=True) == []
    assert sorted(routes(host)) == sorted(ALL[2:])
    assert change(host, "add-address", address="10.0.0.1/24", up=True) == []
    assert sorted(routes(host)) == sorted(ALL)


def test_a_route_whose_next_hop_is_not_reached_stays_away():
    host = made()
    other = having("192.0.2.1/24", "fd00::1/64")
    change(host, "remove-address", having("fd00::1/64"), address="10.0.0.1/24", up=True)
    assert change(host, "add-address", other, address="192.0.2.1/24", up=True) == []
    assert "0.0.0.0/0 10.0.0.254" not in routes(host)


def test_an_address_that_is_there_already_and_one_that_is_not():
    host = made()
    assert change(host, "add-address", address="10.0.0.1/24", up=True) == [
        "eth0: 10.0.0.1/24 is there already"
    ]
    assert change(host, "remove-address", address="10.0.0.7/24", up=True) == [
        "eth0: 10.0.0.7/24 is not there"
    ]


def test_a_new_address_of_ipv6_waits_until_it_is_known_that_nobody_has_it():
    host = made()
    assigned = host.ip.interfaces["eth0"].assigned
    host.ip.routers.probes.set("eth0", is_on=True)
    for address in ("10.0.0.9/24", "fd00::9/64"):
        wanted = having("10.0.0.1/24", "fd00::1/64", address)
        assert change(host, "add-address", wanted, address=address, up=True) == []
    assert assigned[from_text("10.0.0.9")].state is AddressState.PREFERRED
    assert assigned[from_text("fd00::9")].state is AddressState.TENTATIVE

    host.ip.routers.probes.set("eth0", is_on=False)
    wanted = having("10.0.0.1/24", "fd00::1/64", "fd00::a/64")
    assert change(host, "add-address", wanted, address="fd00::a/64", up=True) == []
    assert assigned[from_text("fd00::a")].state is AddressState.PREFERRED


def test_a_connection_outlives_its_interface_being_down_for_a_while():
    async def story(agents: Agents) -> list[str]:
        await agents.serve()
        await agents.connect()
        assert await agents.change("c1", "set-link", up=False) == []
        await agents.send("first", "hello")
        silent = await agents.ask("c1", "receive", conn="first", nothing=True, within=2.0)
        assert silent["ok"]
        assert await agents.change("c1", "set-link", up=True) == []
        answer = await agents.ask("c1", "receive", conn="first", size=5, text="hello")
        assert answer["ok"], answer
        return agents.states("c1")

    assert two_agents(story) == ["SYN_SENT", "ESTABLISHED"]


def test_an_address_that_is_removed_is_heard_of_no_longer():
    async def story(agents: Agents) -> str:
        await agents.serve()
        wanted = configuration(agents.plan.node("server"))
        without = replace(
            wanted, interfaces=(replace(wanted.interfaces[0], addresses=("fd00::1/64",)),)
        )
        arguments = {"address": "10.0.0.1/24", "up": True, "configuration": without}
        assert await agents.change("server", "remove-address", **arguments) == []
        answer = await agents.connect(within=30.0)
        await asyncio.sleep(0)
        return f"{answer['errno']}: {answer['error']}"

    assert two_agents(story) == "EHOSTUNREACH: No route to host"
