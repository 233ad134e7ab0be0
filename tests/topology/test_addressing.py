from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.topology.plan import Plan

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]


def addresses(plan: Plan) -> dict[str, list[str]]:
    return {
        f"{node.name}:{interface.name}": [str(address) for address in interface.addresses]
        for node in plan.nodes
        for interface in node.interfaces
    }


def test_link_number_n_is_10_0_n_and_fd00_n(lab: Loading) -> None:
    plan = lab("""
        name: a
        nodes: {a: , b: , c: }
        links: [a -- b, b -- c, {lan: [a, b, c]}]
        """)
    assert addresses(plan) == {
        "a:eth0": ["10.0.0.1/24", "fd00::1/64"],
        "a:eth1": ["10.0.2.1/24", "fd00:2::1/64"],
        "b:eth0": ["10.0.0.2/24", "fd00::2/64"],
        "b:eth1": ["10.0.1.1/24", "fd00:1::1/64"],
        "b:eth2": ["10.0.2.2/24", "fd00:2::2/64"],
        "c:eth0": ["10.0.1.2/24", "fd00:1::2/64"],
        "c:eth1": ["10.0.2.3/24", "fd00:2::3/64"],
    }


def test_the_book_s_addresses_by_hand(lab: Loading) -> None:
    plan = lab("""
        name: book
        nodes:
          client: {interfaces: {eth0: {address: 206.168.112.219/24}}}
          r: {role: router}
          server:
            interfaces:
              eth0: {address: 12.106.32.254/24}
              eth1: {address: [192.168.42.1/24, "fd42::1/64"]}
        links: [client -- r, "r -- server:eth0", "r -- server:eth1"]
        """)
    assert addresses(plan) == {
        "client:eth0": ["206.168.112.219/24", "fd00::1/64"],
        "r:eth0": ["206.168.112.1/24", "fd00::2/64"],
        "r:eth1": ["12.106.32.1/24", "fd00:1::1/64"],
        "r:eth2": ["192.168.42.2/24", "fd42::2/64"],
        "server:eth0": ["12.106.32.254/24", "fd00:1::2/64"],
        "server:eth1": ["192.168.42.1/24", "fd42::1/64"],
    }


def test_the_pools_step_around_what_is_given(lab: Loading) -> None:
    plan = lab("""
        name: a
        nodes: {a: , b: , c: }
        links: [a -- b, {ends: [b, c], subnet: 10.0.0.0/22}]
        """)
    assert [str(link.subnets[0]) for link in plan.links] == ["10.0.4.0/24", "10.0.0.0/22"]


def test_pools_of_the_file(lab: Loading) -> None:
    plan = lab("""
        name: a
        addressing: {ipv4: 192.168.0.0/16, ipv6: "2001:db8::/48", ipv4_prefix: 30}
        nodes: {a: , b: , c: }
        links: [a -- b, b -- c]
        """)
    assert [[str(subnet) for subnet in link.subnets] for link in plan.links] == [
        ["192.168.0.0/30", "2001:db8::/64"],
        ["192.168.0.4/30", "2001:db8:0:1::/64"],
    ]


def test_a_lan_with_many_hosts_gets_a_shorter_prefix(lab: Loading) -> None:
    plan = lab("""
        name: a
        nodes: {a: , b: , c1..400: }
        links: [a -- b, {lan: [c1..400]}, a -- c1]
        """)
    assert [str(link.subnets[0]) for link in plan.links] == [
        "10.0.0.0/24",
        "10.0.2.0/23",
        "10.0.4.0/24",
    ]


def test_below_1280_an_interface_is_ipv4_only_and_this_is_said(lab: Loading) -> None:
    plan = lab("""
        name: a
        nodes: {a: , b: }
        links: [{ends: [a, b], mtu: {a: 1279, b: 1280}}]
        """)
    assert addresses(plan) == {"a:eth0": ["10.0.0.1/24"], "b:eth0": ["10.0.0.2/24", "fd00::1/64"]}
    assert plan.notices == (
        "a:eth0 has MTU 1279 and so IPv4 only: IPv6 needs 1280 (RFC 8200 section 5)",
        "the ends of the link 'a -- b' have different MTUs: a:eth0 1279 and b:eth0 1280",
    )


def test_macs_are_local_and_step_around_the_given(lab: Loading) -> None:
    plan = lab("""
        name: a
        nodes: {a: {interfaces: {eth0: {mac: "02:00:00:00:00:01"}}}, b: }
        links: [a -- b]
        """)
    macs = [interface.mac for node in plan.nodes for interface in node.interfaces]
    assert macs == ["02:00:00:00:00:01", "02:00:00:00:00:02"]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("10.1.1.0/24", "10.1.1.0 is the network address of 10.1.1.0/24"),
        ("10.1.1.255/24", "10.1.1.255 is the broadcast address of 10.1.1.0/24"),
        ("10.1.2.1/24", "10.1.2.1/24 is outside 10.1.1.0/24, the subnet of the link 'a -- b'"),
        ("10.1.1.1/25", "10.1.1.1/25 has another prefix length than 10.1.1.0/24"),
        ("127.0.0.1/8", "cannot be the address of an interface"),
        ("224.0.0.1/24", "cannot be the address of an interface"),
        ("250.0.0.1/24", "250.0.0.1 is reserved"),
        ("10.1.1.1", "needs its prefix length, such as 10.1.1.1/24"),
        ("10.1.1", "is no IP address"),
        ("10.1.1.1/33", "is no IP address"),
        ("fe80::1/64", "it belongs to the system"),
    ],
)
def test_addresses_that_cannot_be(refused: Refusing, address: str, says: str) -> None:
    lines = refused(f"""
        name: a
        nodes:
          a: {{interfaces: {{eth0: {{address: "{address}"}}}}}}
          b: {{interfaces: {{eth0: {{address: 10.1.1.9/24}}}}}}
        links: [{{ends: [a, b], subnet: 10.1.1.0/24}}]
        """)
    assert any(line.startswith("lab.yaml:3:") and says in line for line in lines)


def test_ipv6_by_hand_needs_1280(refused: Refusing) -> None:
    (line,) = refused("""
        name: a
        nodes: {a: {interfaces: {eth0: {mtu: 1000, address: "fd42::1/64"}}}, b: }
        links: [a -- b]
        """)
    assert "a:eth0 has MTU 1000, but IPv6 needs 1280" in line


def test_a_pool_that_is_used_up(refused: Refusing) -> None:
    (line,) = refused("""
        name: a
        addressing: {ipv4: 192.168.42.0/24}
        nodes: {a: , b: , c: }
        links: [a -- b, b -- c]
        """)
    assert line.startswith("lab.yaml:4:17: links[1]: no room for a link of 2 ends is left in")


def test_a_subnet_too_small_for_its_ends(refused: Refusing) -> None:
    (line,) = refused("""
        name: a
        nodes: {a: , b: , c: }
        links: [{lan: [a, b, c], subnet: 10.0.0.0/30}]
        """)
    assert "10.0.0.0/30 has no address left for c:eth0" in line


def test_two_links_may_share_a_slash_31(lab: Loading) -> None:
    plan = lab("""
        name: a
        nodes: {a: , b: , c: }
        links: [{ends: [a, b], subnet: 10.9.0.0/31}, {ends: [b, c], subnet: 10.9.0.2/31}]
        """)
    assert addresses(plan)["a:eth0"][0] == "10.9.0.0/31"
    assert addresses(plan)["c:eth0"][0] == "10.9.0.3/31"


def test_a_mac_cannot_be_given_twice(refused: Refusing) -> None:
    mac = '{interfaces: {eth0: {mac: "02:00:00:00:00:09"}}}'
    (line,) = refused(f"name: a\nnodes: {{a: {mac}, b: {mac}}}\nlinks: [a -- b]")
    assert "the MAC 02:00:00:00:00:09 is already that of a:eth0" in line


def test_an_address_cannot_be_given_twice(refused: Refusing) -> None:
    (line,) = refused("""
        name: a
        nodes:
          a: {interfaces: {eth0: {address: 10.1.1.9/24}}}
          b: {interfaces: {eth0: {address: 10.1.1.9/24}}}
        links: [a -- b]
        """)
    assert line.startswith("lab.yaml:4:36: nodes.b.interfaces.eth0.address: ")
    assert "the address 10.1.1.9 is already that of a:eth0" in line
