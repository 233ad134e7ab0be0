"""Who has which address: what steps and expectations look names up in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address

from netlab.topology.hints import did_you_mean, shown
from netlab.topology.plan import End, Interface, Link, Node

IPAddress = IPv4Address | IPv6Address


class UnresolvedError(ValueError):
    """A node lacks an interface or an address, perhaps only because the file has other problems."""


@dataclass(frozen=True)
class Directory:
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]

    @cached_property
    def by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    @cached_property
    def _interfaces(self) -> dict[tuple[str, str], Interface]:
        return {(node.name, i.name): i for node in self.nodes for i in node.interfaces}

    @cached_property
    def owners(self) -> dict[str, End]:
        """The end that has each address."""
        return {
            str(address.ip): End(node.name, interface.name)
            for node in self.nodes
            for interface in node.interfaces
            for address in interface.addresses
        }

    def interface(self, end: End) -> Interface:
        return self._interfaces[end.node, end.interface]

    def node(self, name: str) -> Node:
        """ValueError in words, when there is none."""
        if name not in self.by_name:
            near = did_you_mean(name, self.by_name)
            raise ValueError(f"no node is called {shown(name)}" + (f" ({near})" if near else ""))
        return self.by_name[name]

    def address(self, host: str, version: int | None = None) -> IPAddress:
        """The address of a node, of ``node.interface``, or the one that ``host`` is.

        A name means its first IPv4 address, unless ``version`` is 6. Raises ValueError in words.
        """
        literal = parsed_address(host)
        if literal is not None:
            if version not in {None, literal.version}:
                raise ValueError(f"{host} is no IPv{version} address")
            return literal
        name, dot, interface = host.partition(".")
        node = self.node(name)
        interfaces = [i for i in node.interfaces if not dot or i.name == interface]
        if dot and not interfaces:
            near = did_you_mean(interface, [i.name for i in node.interfaces])
            advice = f" ({near})" if near else ""
            raise UnresolvedError(f"{name} has no interface {shown(interface)}{advice}")
        wanted = version or 4
        for each in interfaces:
            for address in each.addresses:
                if address.version == wanted:
                    return address.ip
        raise UnresolvedError(f"{host} has no IPv{wanted} address")


def parsed_address(text: str) -> IPAddress | None:
    try:
        return ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def split_port(text: str) -> tuple[str, str]:
    """``server:7`` and ``[fd00::1]:7`` in two; no port is an empty text."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, rest.removeprefix(":")
    host, _, port = text.rpartition(":")
    return (host, port) if host else (port, "")


def port_number(text: str) -> int:
    """ValueError in words."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError(f"{shown(text)} is no port")
    if not 1 <= int(text) <= 65535:
        raise ValueError(f"a port is 1 to 65535, not {int(text)}")
    return int(text)
