"""The links of a Plan as one `ip -batch` text, to be run in the lab's own network namespace.

A point-to-point link is a veth pair with both ends born inside their nodes. A LAN is a bridge in
the lab's namespace with one veth pair per member. Nothing is ever made in the host's namespace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netlab.errors import LabError
from netlab.topology.plan import End, Interface, Link, LinkKind, Plan

#: Linux: a bridge has at most 1,024 ports, numbered from 1 (net/bridge/br_private.h).
BRIDGE_PORTS = 1023


def wiring(plan: Plan, namespaces: Mapping[str, str]) -> list[str]:
    """The commands that make all links; ``namespaces`` gives each node's pid or namespace name.

    LabError when a LAN has more members than a bridge has ports.
    """
    interfaces = {
        End(node.name, interface.name): interface
        for node in plan.nodes
        for interface in node.interfaces
    }
    commands: list[str] = []
    for number, link in enumerate(plan.links):
        ends = [(interfaces[end], namespaces[end.node]) for end in link.ends]
        if link.kind is LinkKind.LAN:
            commands.extend(_lan(link, f"lan{number}", ends))
        else:
            commands.append(_veth(*ends))
    return commands


def _veth(one: tuple[Interface, str], other: tuple[Interface, str]) -> str:
    return f"link add {_end(*one)} type veth peer {_end(*other)}"


def _end(interface: Interface, namespace: str) -> str:
    return (
        f"name {interface.name} mtu {interface.mtu} address {interface.mac}"
        f" netns {namespace}"
    )


def _lan(link: Link, bridge: str, ends: list[tuple[Interface, str]]) -> Iterator[str]:
    if len(ends) > BRIDGE_PORTS:
        raise LabError(
            f"LAN {link.name!r} has {len(ends)} members; a Linux bridge has {BRIDGE_PORTS} ports",
            hint="split it into several LANs joined by a router",
        )
    # A frame that is too long for one member is dropped at that member's own interface, as on a
    # real segment, so the bridge itself must carry the longest.
    mtu = max(interface.mtu for interface, _ in ends)
    yield f"link add name {bridge} mtu {mtu} up type bridge stp_state 0 mcast_snooping 0"
    for number, (interface, namespace) in enumerate(ends):
        port = f"{bridge}.{number}"
        yield (
            f"link add name {port} mtu {mtu} master {bridge} up"
            f" type veth peer {_end(interface, namespace)}"
        )
