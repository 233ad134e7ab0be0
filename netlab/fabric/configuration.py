"""What is set inside a node's namespace: kernel settings, addresses, routes.

The lab's first process applies a configuration over netlink, in one batch; ``early_commands`` and
``commands`` are the same as text, for `netlab plan` and for the test that compares both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a lab's processes read configurations without loading topology/
    from netlab.topology.plan import Interface, Node

#: Kernel features that would make captures show what never crosses a wire (`ethtool -K`).
WIRE_OFFLOADS = ("rx", "tx", "sg", "tso", "gso", "gro")

#: Set before a node has interfaces, which copy the defaults when they are made. A lab behaves
#: alike whatever the host is set to: new namespaces inherit some of the host's IPv4 settings
#: (net.core.devconf_inherit_init_net).
KERNEL_SETTINGS = (
    ("net.ipv6.conf.all.disable_ipv6", "0"),  # engines switch it off where they give no network
    ("net.ipv6.conf.default.disable_ipv6", "0"),
    ("net.ipv6.conf.lo.disable_ipv6", "0"),
    ("net.ipv4.conf.all.rp_filter", "0"),  # RFC 1122 3.3.4.2: multi-homed hosts answer anywhere
    ("net.ipv4.conf.default.rp_filter", "0"),
    ("net.ipv6.conf.all.accept_dad", "0"),  # the first IPv6 packet leaves without a second's wait
    ("net.ipv6.conf.default.accept_dad", "0"),
    ("net.ipv6.conf.all.accept_ra", "0"),
    ("net.ipv6.conf.default.accept_ra", "0"),
    ("net.ipv6.conf.default.router_solicitations", "0"),
    ("net.ipv6.conf.default.addr_gen_mode", "0"),
    # As a host comes up, its kernel reports the groups of its own addresses, and repeats it within
    # this many milliseconds: before the lab's bridges are on, and so before others can hear it.
    ("net.ipv6.conf.default.mldv2_unsolicited_report_interval", "10"),
)

#: Likewise, where the kernel is to say nothing: netlab's own stack has the interfaces.
_SILENT_SETTINGS = (
    ("net.ipv6.conf.all.disable_ipv6", "1"),
    ("net.ipv6.conf.default.disable_ipv6", "1"),
    ("net.ipv4.ip_forward", "0"),
)

#: RFC 3810 section 9.11, in milliseconds: what a program joins later is reported at this pace.
_MLD_REPORT_INTERVAL = "1000"

#: RFC 8200 section 5: a link with a smaller MTU carries no IPv6, and Linux takes its addresses.
_MIN_IPV6_MTU = 1280


@dataclass(frozen=True, slots=True)
class InterfaceSettings:
    """``addresses`` are ``address/prefix length``; ``wire`` switches offloads off.

    At a ``silent`` interface, the kernel says nothing whatever comes; packet sockets see it.
    """

    name: str
    mtu: int
    mac: str
    addresses: tuple[str, ...]
    wire: bool
    ipv6: bool
    silent: bool = False


@dataclass(frozen=True, slots=True)
class RouteSettings:
    destination: str
    via: str
    interface: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """``congestion`` is the congestion control that programs of the node use by default.

    Where it is empty, none is set.
    ``early`` are kernel settings for the namespace before it has interfaces.
    """

    congestion: str
    early: tuple[tuple[str, str], ...]
    sysctls: tuple[tuple[str, str], ...]
    interfaces: tuple[InterfaceSettings, ...]
    routes: tuple[RouteSettings, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def late(self) -> tuple[tuple[str, str], ...]:
        """Kernel settings for when the whole lab is up."""
        return tuple(
            (
                f"net.ipv6.conf.{each.name}.mldv2_unsolicited_report_interval",
                _MLD_REPORT_INTERVAL,
            )
            for each in self.interfaces
            if each.ipv6
        )

    @property
    def carried(self) -> Configuration:
        """Without the IPv6 that an interface's MTU is too small for."""
        small = {each.name for each in self.interfaces if each.mtu < _MIN_IPV6_MTU}
        return replace(
            self,
            interfaces=tuple(
                replace(each, addresses=tuple(a for a in each.addresses if ":" not in a))
                if each.name in small
                else each
                for each in self.interfaces
            ),
            routes=tuple(
                each for each in self.routes if each.interface not in small or ":" not in each.via
            ),
        )

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Configuration:
        return cls(
            congestion=data["congestion"],
            early=tuple((key, value) for key, value in data["early"]),
            sysctls=tuple((key, value) for key, value in data["sysctls"]),
            interfaces=tuple(
                InterfaceSettings(**{**each, "addresses": tuple(each["addresses"])})
                for each in data["interfaces"]
            ),
            routes=tuple(RouteSettings(**each) for each in data["routes"]),
        )

    def early_commands(self) -> Iterator[str]:
        """What is set before the node has interfaces, as shell commands."""
        if self.congestion:
            yield f"sysctl -w net.ipv4.tcp_congestion_control='{self.congestion}'"
        for key, value in self.early:
            yield f"sysctl -w {key}='{value}'"

    def commands(self) -> Iterator[str]:
        """What is set once the node has its interfaces, as shell commands in their order."""
        for key, value in self.sysctls:
            yield f"sysctl -w {key}='{value}'"
        for interface in self.interfaces:
            yield from _interface_commands(interface)
        yield "ip link set dev lo up"
        for interface in self.interfaces:
            yield f"ip link set dev {interface.name} up"
        for route in self.routes:
            yield (
                f"ip route add {route.destination} via {route.via} dev {route.interface}"
                " proto static"
            )

    def late_commands(self) -> Iterator[str]:
        """What is set once the whole lab is up, as shell commands."""
        for key, value in self.late:
            yield f"sysctl -w {key}='{value}'"


def _interface_commands(interface: InterfaceSettings) -> Iterator[str]:
    if not interface.ipv6:
        # -e: the kernel gives such an interface no IPv6 settings unless its MTU was larger once.
        yield f"sysctl -e -w net.ipv6.conf.{interface.name}.disable_ipv6='1'"
    if interface.silent:
        yield f"ip link set dev {interface.name} arp off multicast off"
    if interface.wire:
        switches = " ".join(f"{feature} off" for feature in WIRE_OFFLOADS)
        yield f"ethtool -K {interface.name} {switches}"
    for address in interface.addresses:
        yield f"ip address add {address} {_address_flags(address)} dev {interface.name}"


def _address_flags(address: str) -> str:
    return "nodad" if ":" in address else "broadcast +"


def configuration(node: Node) -> Configuration:
    forwarding = "1" if node.forwards else "0"
    return Configuration(
        congestion=node.congestion,
        early=(
            *KERNEL_SETTINGS,
            ("net.ipv4.ip_forward", forwarding),
            ("net.ipv6.conf.all.forwarding", forwarding),
        ),
        sysctls=node.sysctls,
        interfaces=tuple(_interface_settings(interface) for interface in node.interfaces),
        routes=tuple(
            RouteSettings(str(route.destination), route.via, route.interface)
            for route in node.routes
        ),
    )


def of_kernel(node: Node) -> Configuration:
    """What the kernel of ``node`` gets: all, or nothing to say where the stack is netlab's own."""
    wanted = configuration(node)
    return wanted if node.stack == "kernel" else silenced(wanted)


def silenced(wanted: Configuration) -> Configuration:
    """The same interfaces, and nothing that the kernel could answer with."""
    return Configuration(
        congestion="",
        early=_SILENT_SETTINGS,
        sysctls=(),
        interfaces=tuple(
            replace(each, addresses=(), ipv6=False, silent=True) for each in wanted.interfaces
        ),
        routes=(),
    )


def _interface_settings(interface: Interface) -> InterfaceSettings:
    return InterfaceSettings(
        name=interface.name,
        mtu=interface.mtu,
        mac=interface.mac,
        addresses=tuple(str(address) for address in interface.addresses),
        wire=interface.offload == "wire",
        ipv6=interface.has_ipv6,
    )
