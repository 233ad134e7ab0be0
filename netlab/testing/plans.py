"""Small labs, resolved by hand, for tests that need a Plan but no file."""

from __future__ import annotations

from ipaddress import ip_interface

from netlab.topology.expectations import Expectation
from netlab.topology.plan import (
    End,
    Interface,
    Link,
    LinkKind,
    Node,
    Offload,
    Plan,
    Role,
    Service,
)
from netlab.topology.steps import Step

ECHO = Service("echo", "tcp", 7)


def two_hosts(
    *,
    services: tuple[Service, ...] = (ECHO,),
    steps: tuple[Step, ...] = (),
    expectations: tuple[Expectation, ...] = (),
) -> Plan:
    """``c1`` (10.0.0.2) and ``server`` (10.0.0.1) on one link."""
    nodes = (
        Node("c1", Role.CLIENT, (_interface("eth0", 1, "c1 -- server", "10.0.0.2", "fd00::2"),)),
        Node(
            "server",
            Role.SERVER,
            (_interface("eth0", 2, "c1 -- server", "10.0.0.1", "fd00::1"),),
            services=services,
        ),
    )
    links = (_link("c1 -- server", "c1:eth0", "server:eth0"),)
    return _plan(nodes, links, steps, expectations)


def routed(*, mtu: int = 1500, services: tuple[Service, ...] = (ECHO,)) -> Plan:
    """``c1`` (10.0.0.2), the router ``r1`` and, behind a link of ``mtu``, ``server`` (10.0.1.1)."""
    near, far = "c1 -- r1", "r1 -- server"
    nodes = (
        Node("c1", Role.CLIENT, (_interface("eth0", 1, near, "10.0.0.2", "fd00::2"),)),
        Node(
            "r1",
            Role.ROUTER,
            (
                _interface("eth0", 2, near, "10.0.0.254", "fd00::fe"),
                _interface("eth1", 3, far, "10.0.1.254", "fd00:1::fe", mtu=mtu),
            ),
        ),
        Node(
            "server",
            Role.SERVER,
            (_interface("eth0", 4, far, "10.0.1.1", "fd00:1::1", mtu=mtu),),
            services=services,
        ),
    )
    links = (_link(near, "c1:eth0", "r1:eth0"), _link(far, "r1:eth1", "server:eth0"))
    return _plan(nodes, links)


def lan(*, services: tuple[Service, ...] = (ECHO,)) -> Plan:
    """``c1`` (10.0.0.2), ``c2`` (10.0.0.3) and ``server`` (10.0.0.1) on one LAN."""
    name = "lan"
    nodes = (
        Node("c1", Role.CLIENT, (_interface("eth0", 1, name, "10.0.0.2", "fd00::2"),)),
        Node("c2", Role.CLIENT, (_interface("eth0", 2, name, "10.0.0.3", "fd00::3"),)),
        Node(
            "server",
            Role.SERVER,
            (_interface("eth0", 3, name, "10.0.0.1", "fd00::1"),),
            services=services,
        ),
    )
    return _plan(nodes, (_link(name, "c1:eth0", "c2:eth0", "server:eth0"),))


def _interface(
    name: str, number: int, link: str, ipv4: str, ipv6: str, *, mtu: int = 1500
) -> Interface:
    return Interface(
        name=name,
        mac=f"02:00:00:00:00:{number:02x}",
        mtu=mtu,
        link=link,
        addresses=(ip_interface(f"{ipv4}/24"), ip_interface(f"{ipv6}/64")),
        offload=Offload.WIRE,
    )


def _link(name: str, *ends: str) -> Link:
    kind = LinkKind.POINT_TO_POINT if len(ends) == 2 else LinkKind.LAN
    return Link(name, kind, tuple(End(*end.split(":")) for end in ends), subnets=())


def _plan(
    nodes: tuple[Node, ...],
    links: tuple[Link, ...],
    steps: tuple[Step, ...] = (),
    expectations: tuple[Expectation, ...] = (),
) -> Plan:
    return Plan(
        name="dialogue",
        description="",
        source="dialogue.yaml",
        seed=0,
        nodes=nodes,
        links=links,
        hosts=(),
        steps=steps,
        expectations=expectations,
    )
