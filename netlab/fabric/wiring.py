"""The links of a Plan as one `ip -batch` text, to be run in the lab's own network namespace.

A point-to-point link is a veth pair with both ends born inside their nodes. A LAN is a bridge in
the lab's namespace with one veth pair per member. A cable that is impaired is two veth pairs, with
a stretch between them. Nothing is ever made in the host's namespace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from netlab.errors import LabError
from netlab.fabric.stretches import fabric_names
from netlab.topology.plan import End, Link, LinkKind, Plan

#: Linux: a bridge has at most 1,024 ports, numbered from 1 (net/bridge/br_private.h).
BRIDGE_PORTS = 1023


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
    """The commands that make all links; ``namespaces`` gives each node's pid or namespace name.

    LabError when a LAN has more members than a bridge has ports.
    """
    return list(_Wiring(plan, namespaces).commands())


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
        return f"link add {one} type veth peer {other}"

    def _fabric_half(self, name: str, mtu: int, rest: str = "") -> _Half:
        """Numbered apart, so that nodes' interfaces have the numbers that they always have."""
        return _Half(name, mtu, next(self._fabric_numbers), rest)

    def _node_half(self, end: End) -> _Half:
        interface, namespace = self._interfaces[end], self._namespaces[end.node]
        rest = f"address {interface.mac} netns {namespace}"
        return _Half(interface.name, interface.mtu, next(self._numbers), rest)

    def _lan(self, link: Link, bridge: str) -> Iterator[str]:
        if len(link.ends) > BRIDGE_PORTS:
            raise LabError(
                f"LAN {link.name!r} has {len(link.ends)} members;"
                f" a Linux bridge has {BRIDGE_PORTS} ports",
                hint="split it into several LANs joined by a router",
            )
        # A frame that is too long for one member is dropped at that member's own interface, as
        # on a real segment, so the bridge itself must carry the longest.
        mtu = max(self._interfaces[end].mtu for end in link.ends)
        impaired = {each.end for each in link.impairments}
        yield (
            f"link add name {bridge} mtu {mtu} index {next(self._numbers)} up"
            " type bridge stp_state 0"
        )
        for number, end in enumerate(link.ends):
            port = _Half(f"{bridge}.{number}", mtu, next(self._numbers), f"master {bridge} up")
            node = self._node_half(end)
            if str(end) in impaired:
                left, right = fabric_names(self._plan.links.index(link), link, str(end))
                yield self._pair(self._fabric_half(left, mtu, "up"), node)
                yield self._pair(port, self._fabric_half(right, mtu))
                yield f"link set dev {right} up"
            else:
                yield self._pair(port, node)
