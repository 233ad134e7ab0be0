from __future__ import annotations

from collections.abc import Callable

from netlab.topology.plan import Plan

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]


def routes(plan: Plan, node: str, version: int = 4) -> dict[str, tuple[str, str]]:
    return {
        str(route.destination): (route.via, route.interface)
        for route in plan.node(node).routes
        if route.destination.version == version
    }


def hops(plan: Plan, source: str, target: str) -> list[str]:
    """The nodes that an IPv4 packet passes, by the longest prefix at each of them."""
    owners = {
        address.ip: node
        for node in plan.nodes
        for interface in node.interfaces
        for address in interface.addresses
    }
    goal = plan.node(target).interfaces[0].addresses[0].ip
    here = plan.node(source)
    passed = [here.name]
    while owners[goal] is not here:
        networks = {a.network for interface in here.interfaces for a in interface.addresses}
        if any(goal in network for network in networks):
            here = owners[goal]
        else:
            fitting = [route for route in here.routes if goal in route.destination]
            best = max(fitting, key=lambda route: route.destination.prefixlen)
            here = next(node for ip, node in owners.items() if str(ip) == best.via)
        passed.append(here.name)
    return passed


def test_a_line_of_routers(lab: Loading) -> None:
    plan = lab("""
        name: line
        nodes: {a: , r1..3: {role: router}, b: }
        links: [a -- r1, r1 -- r2, r2 -- r3, r3 -- b]
        """)
    assert hops(plan, "a", "b") == ["a", "r1", "r2", "r3", "b"]
    assert hops(plan, "b", "a") == ["b", "r3", "r2", "r1", "a"]
    assert routes(plan, "a") == {"0.0.0.0/0": ("10.0.0.2", "eth0")}
    assert routes(plan, "a", 6) == {"::/0": ("fd00::2", "eth0")}
    assert routes(plan, "r1") == {
        "10.0.2.0/24": ("10.0.1.2", "eth1"),
        "10.0.3.0/24": ("10.0.1.2", "eth1"),
    }


def test_a_diamond_takes_the_shorter_side_and_the_first_of_equals(lab: Loading) -> None:
    plan = lab("""
        name: diamond
        nodes: {a: , left: {role: router}, right1..2: {role: router},
                top: {role: router}, bottom: {role: router}, b: }
        links: [a -- top, top -- right1, right1 -- right2, right2 -- bottom,
                top -- left, left -- bottom, bottom -- b]
        """)
    assert hops(plan, "a", "b") == ["a", "top", "left", "bottom", "b"]
    equal = lab("""
        name: diamond
        nodes: {a: , top: {role: router}, left: {role: router}, right: {role: router},
                bottom: {role: router}, b: }
        links: [a -- top, top -- right, top -- left, left -- bottom, right -- bottom, bottom -- b]
        """)
    assert hops(equal, "a", "b") == ["a", "top", "right", "bottom", "b"]


def test_a_multihomed_host_knows_the_nearer_side_and_never_forwards(lab: Loading) -> None:
    plan = lab("""
        name: homes
        nodes: {a: , b: , r1: {role: router}, r2: {role: router}, server: }
        links: [a -- r1, b -- r2, r1 -- server, r2 -- server]
        """)
    assert routes(plan, "server") == {
        "0.0.0.0/0": ("10.0.2.1", "eth0"),
        "10.0.1.0/24": ("10.0.3.1", "eth1"),
    }
    assert "10.0.1.0/24" not in routes(plan, "r1")
    assert plan.notices == ("b and r2 cannot reach a and r1: no router joins them",)


def test_ipv6_goes_around_a_link_too_small_for_it(lab: Loading) -> None:
    plan = lab("""
        name: small
        nodes: {a: , r1..3: {role: router}, b: }
        links: [a -- r1, {ends: [r1, r3], mtu: 576}, r1 -- r2, r2 -- r3, r3 -- b]
        """)
    far = plan.links[4].subnets
    assert routes(plan, "r1")[str(far[0])][1] == "eth1"
    assert routes(plan, "r1", 6)[str(far[1])][1] == "eth2"


def test_extra_routes(lab: Loading) -> None:
    plan = lab("""
        name: extra
        nodes:
          a: {routes: [{to: 1.2.3.0/24, via: r}, {to: "fd99::/64", via: "fd00::2"}]}
          r: {role: router, routes: [{to: default, via: b}]}
          b:
        links: [a -- r, r -- b]
        """)
    assert routes(plan, "a")["1.2.3.0/24"] == ("10.0.0.2", "eth0")
    assert routes(plan, "a", 6)["fd99::/64"] == ("fd00::2", "eth0")
    assert routes(plan, "r") == {"0.0.0.0/0": ("10.0.1.2", "eth1")}
    assert routes(plan, "r", 6) == {"::/0": ("fd00:1::2", "eth1")}


def test_a_route_names_its_next_hop_by_the_link_local_address_of_a_neighbour(lab: Loading) -> None:
    plan = lab("""
        name: extra
        nodes:
          a: {routes: [{to: default, via: "fe80::ff:fe00:3"}, {to: 10.0.9.0/24, via: b}]}
          b: {interfaces: {eth0: {mac: 02:00:00:00:00:09}}}
          r: {role: router}
        links: [a -- b, a -- r]
        """)
    macs = {node.name: [i.mac for i in node.interfaces] for node in plan.nodes}
    assert macs["r"] == ["02:00:00:00:00:03"]
    assert routes(plan, "a", 6)["::/0"] == ("fe80::ff:fe00:3", "eth1")


def test_a_host_does_without_the_routes_that_it_would_have(lab: Loading) -> None:
    plan = lab("""
        name: extra
        nodes:
          a: {routes: [{to: default, via: none}]}
          b: {routes: [{to: 0.0.0.0/0, via: none}]}
          r: {role: router}
        links: [{lan: [a, b, r]}]
        """)
    assert routes(plan, "a") == routes(plan, "a", 6) == routes(plan, "b") == {}
    assert routes(plan, "b", 6) == {"::/0": ("fd00::3", "eth0")}


def test_an_extra_route_takes_the_place_of_a_computed_one(lab: Loading) -> None:
    plan = lab("""
        name: extra
        nodes: {a: , r1: {role: router, routes: [{to: 10.0.3.0/24, via: r2}]},
                r2: {role: router}, r3: {role: router}, b: }
        links: [a -- r1, r1 -- r3, r1 -- r2, r3 -- b, r2 -- r3]
        """)
    assert routes(plan, "r1")["10.0.3.0/24"] == ("10.0.2.2", "eth2")


def test_routes_via_what_is_no_neighbour(refused: Refusing) -> None:
    assert refused("""
        name: extra
        nodes:
          a: {routes: [{to: 1.2.3.0/24, via: b},
                       {to: default, via: 10.9.9.9}, {to: default, via: x},
                       {to: default, via: "fe80::1"}]}
          r: {role: router}
          b:
        links: [a -- r, r -- b]
        """) == [
        "lab.yaml:3:38: nodes.a.routes[0].via: 'b' is no IPv4 neighbour of a",
        "lab.yaml:4:35: nodes.a.routes[1].via: '10.9.9.9' is no neighbour of a",
        "lab.yaml:4:65: nodes.a.routes[2].via: 'x' is neither a node nor an address",
        "lab.yaml:5:35: nodes.a.routes[3].via: 'fe80::1' is no neighbour of a",
    ]


def test_nodes_without_links_are_said(lab: Loading) -> None:
    plan = lab("name: a\nnodes: {a: , b: }")
    assert plan.notices == ("a and b have no link",)


def test_a_table_of_many_routes_is_summarised(lab: Loading) -> None:
    """Prefixes of 10.0.1.0 to 10.0.41.0, and of the fd00:n::/32 that each link has to itself."""
    plan = lab("""
        name: star
        nodes: {near: {role: router}, far: {role: router}, h1..40: }
        links: [near -- far, h1..40 -- far]
        """)
    assert list(routes(plan, "near")) == [
        *("10.0.1.0/24", "10.0.2.0/23", "10.0.4.0/22", "10.0.8.0/21", "10.0.16.0/20"),
        *("10.0.32.0/21", "10.0.40.0/24"),
    ]
    assert list(routes(plan, "near", 6))[:3] == ["fd00:1::/32", "fd00:2::/31", "fd00:4::/30"]
    assert len(routes(plan, "near", 6)) == 7
    assert set(routes(plan, "near").values()) == {("10.0.0.2", "eth0")}


def test_summarising_sends_nothing_another_way(lab: Loading) -> None:
    plan = lab("""
        name: tree
        nodes: {core: {role: router}, r1..3: {role: router}, h1..60: }
        links: [r1..3 -- core, h1..20 -- r1, h21..40 -- r2, h41..60 -- r3]
        """)
    assert len(routes(plan, "core")) < 30
    for number in (1, 20, 21, 40, 41, 60):
        nearest = f"r{(number + 19) // 20}"
        others = ["core", nearest] if nearest != "r1" else []
        assert hops(plan, "h2", f"h{number}") == ["h2", "r1", *others, f"h{number}"]
