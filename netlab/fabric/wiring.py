"""The links of a Plan as one `ip -batch` text, to be run in the lab's own network namespace.

A point-to-point link is a veth pair with both ends born inside their nodes. A LAN is a bridge in
the lab's namespace with one veth pair per member, or as many bridges as that takes, around one in
their middle. A cable that is impaired is two veth pairs, with a stretch between them. Nothing is
ever made in the host's namespace.

Bridges are switched on last, when all nodes are configured: as a host comes up, its kernel reports
the multicast groups of its own addresses (MLD, RFC 3810 section 6.1), and each of a thousand
members would hear all the others do so. They do not snoop: nobody queries, so it would spare no
member anything, and a bridge that snoops joins a group of its own, from 0.0.0.0 (RFC 4286).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from netlab.fabric.stretches import fabric_names
from netlab.topology.bridging import bridges
from netlab.topology.plan import End, Link, LinkKind, Plan

#: Interface numbers below are the kernel's to give.
_FIRST_INDEX = 10
_FIRST_FABRIC_INDEX = 1 << 20


@dataclass(frozen=True, slots=True)
class _Half:
    """One end of a veth pair: what `ip link add` says of it."""

    name: str
    mtu: int
    index: int
    rest: str

    def __str__(self) -> str:
        return f"name {self.name} mtu {self.mtu} index {self.index} {self.rest}".rstrip()


def wiring(plan: Plan, namespaces: Mapping[str, str]) -> list[str]:
    """The commands that make all links; ``namespaces`` gives each node's pid or namespace name."""
    return list(_Wiring(plan, namespaces).commands())


def switching_on(plan: Plan) -> list[str]:
    """The commands that let LANs carry frames, for when all nodes are configured."""
    return [
        f"link set dev {bridge} up"
        for number, link in enumerate(plan.links)
        if link.kind is LinkKind.LAN
        for bridge, _ in bridges(f"lan{number}", len(link.ends))
    ]


class _Wiring:
    """Numbers every interface of the lab.

    Linux reports a carrier at once where a veth's number differs from its peer's, and up to a
    second late where they are equal (net/core/link_watch.c), as they are in two new namespaces:
    IPv6 would not answer in that second.
    """

    def __init__(self, plan: Plan, namespaces: Mapping[str, str]) -> None:
        self._plan = plan
        self._namespaces = namespaces
        self._numbers = count(_FIRST_INDEX)
        self._fabric_numbers = count(_FIRST_FABRIC_INDEX)
        self._interfaces = {
            End(node.name, interface.name): interface
            for node in plan.nodes
            for interface in node.interfaces
        }

    def commands(self) -> Iterator[str]:
        for number, link in enumerate(self._plan.links):
            if link.kind is LinkKind.LAN:
                yield from self._lan(link, f"lan{number}")
            elif link.impairments:
                mtu = max(self._interfaces[end].mtu for end in link.ends)
                for end, name in zip(link.ends, fabric_names(number, link, None), strict=True):
                    # The first half can come up at once, for then the second is there already.
                    yield self._pair(self._fabric_half(name, mtu, "up"), self._node_half(end))
            else:
                yield self._pair(*map(self._node_half, link.ends))

    @staticmethod
    def _pair(one: _Half, other: _Half) -> str:
        return f"link add {one} type veth peer {other}".rstrip()

    def _fabric_half(self, name: str, mtu: int, rest: str = "") -> _Half:
        """Numbered apart, so that nodes' interfaces have the numbers that they always have."""
        return _Half(name, mtu, next(self._fabric_numbers), rest)

    def _node_half(self, end: End) -> _Half:
        interface, namespace = self._interfaces[end], self._namespaces[end.node]
        rest = f"address {interface.mac} netns {namespace}"
        return _Half(interface.name, interface.mtu, next(self._numbers), rest)

    def _lan(self, link: Link, bridge: str) -> Iterator[str]:
        # A frame that is too long for one member is dropped at that member's own interface, as
        # on a real segment, so the bridge itself must carry the longest.
        mtu = max(self._interfaces[end].mtu for end in link.ends)
        impaired = {each.end for each in link.impairments}
        for name, members in bridges(bridge, len(link.ends)):
            yield (
                f"link add name {name} mtu {mtu} index {next(self._numbers)}"
                " type bridge stp_state 0 mcast_snooping 0"
            )
            if name != bridge:
                inner = _Half(f"{name}.in", mtu, next(self._numbers), f"master {bridge} up")
                outer = _Half(f"{name}.out", mtu, next(self._numbers), "")
                yield self._pair(inner, outer)
                yield f"link set dev {outer.name} master {name} up"
            for number in members:
                end = link.ends[number]
                port = _Half(f"{bridge}.{number}", mtu, next(self._numbers), f"master {name} up")
                yield from self._cable(link, end, port, impaired=str(end) in impaired)

    def _cable(self, link: Link, end: End, port: _Half, *, impaired: bool) -> Iterator[str]:
        """From a member to its port of a bridge, if need be through a stretch of the fabric."""
        node = self._node_half(end)
        if not impaired:
            yield self._pair(port, node)
            return
        left, right = fabric_names(self._plan.links.index(link), link, str(end))
        yield self._pair(self._fabric_half(left, port.mtu, "up"), node)
        yield self._pair(port, self._fabric_half(right, port.mtu))
        yield f"link set dev {right} up"
