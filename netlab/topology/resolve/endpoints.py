"""The ends that steps write: ``tcp server:7``, ``10.0.0.1:1500``, ``r1 -- server:path1``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from netlab.topology.hints import did_you_mean, shown
from netlab.topology.plan import End, Link
from netlab.topology.resolve.directory import (
    Directory,
    UnresolvedError,
    parsed_address,
    port_number,
    split_port,
)

_PEER = re.compile(r"(?P<transport>tcp|udp)(?P<version>[46]?)\s+(?P<endpoint>\S+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Peer:
    """``host`` is the peer as the file writes it."""

    transport: str
    host: str
    address: str
    port: int
    version: int


@dataclass(frozen=True, slots=True)
class Local:
    address: str | None
    port: int | None


def peer(text: str, directory: Directory) -> Peer:
    """The peer of ``tcp server:7``; ValueError in words."""
    match = _PEER.fullmatch(text.strip())
    if match is None:
        word = text.strip().partition(" ")[0]
        near = did_you_mean(word, ("tcp", "udp", "tcp6", "udp6"))
        advice = f" ({near})" if near and near != f"did you mean {word!r}?" else ""
        raise ValueError(f"a connection looks like 'tcp server:7', not {shown(text)}{advice}")
    host, port = _host_and_port(match["endpoint"])
    version = int(match["version"]) if match["version"] else None
    address = directory.address(host, version)
    if address.is_unspecified:
        raise ValueError(f"{host} is nobody's address")
    return Peer(match["transport"], host, str(address), port_number(port), address.version)


def destination(text: str, directory: Directory, version: int | None = None) -> tuple[str, int]:
    """The address and port of ``server:7``; ValueError in words."""
    host, port = _host_and_port(text.strip())
    return str(directory.address(host, version)), port_number(port)


def _host_and_port(text: str) -> tuple[str, str]:
    host, port = split_port(text)
    if not port or (":" in host and not text.startswith("[")):
        raise ValueError(f"{shown(text)} needs a host and a port, such as server:7 or [fd00::1]:7")
    return host, port


def local(text: str | None, node: str, version: int | None, directory: Directory) -> Local:
    """The local end of a socket of ``node``: a port, an address, an interface, or both parts.

    ``version`` is the peer's version of IP. Raises ValueError in words.
    """
    if text is None:
        return Local(None, None)
    if text.isdigit():
        return Local(None, port_number(text))
    if parsed_address(text) is not None:
        host, port = text, ""
    else:
        host, port = split_port(text)
    return Local(_own_address(host, node, version, directory), port_number(port) if port else None)


def _own_address(host: str, node: str, version: int | None, directory: Directory) -> str:
    interfaces = {interface.name: interface for interface in directory.node(node).interfaces}
    literal = parsed_address(host)
    if literal is None:
        if host not in interfaces:
            near = did_you_mean(host, interfaces)
            advice = f" ({near})" if near else ""
            raise UnresolvedError(
                f"{shown(host)} is neither an address nor an interface of {node}{advice}"
            )
        return str(directory.address(f"{node}.{host}", version))
    owner = directory.owners.get(str(literal))
    if owner is None or owner.node != node:
        whose = f"it is that of {owner}" if owner else "nobody has it"
        raise UnresolvedError(f"{literal} is no address of {node}: {whose}")
    if version not in {None, literal.version}:
        raise ValueError(f"{literal} cannot talk IPv{version} to the peer")
    return str(literal)


def end(text: str, directory: Directory) -> End:
    """The end written ``server:path1``; ValueError in words."""
    name, colon, interface = text.strip().partition(":")
    node = directory.node(name)
    known = [each.name for each in node.interfaces]
    if not colon:
        raise ValueError(f"an end looks like '{name}:eth0', not {shown(text)}")
    if interface not in known:
        near = did_you_mean(interface, known) or f"there are {', '.join(known)}"
        raise UnresolvedError(f"{name} has no interface {shown(interface)} ({near})")
    return End(name, interface)


def link(text: str, directory: Directory) -> Link:
    """The link of that name, or the only one with these ends; ValueError in words."""
    by_name = {link.name: link for link in directory.links}
    if text in by_name:
        return by_name[text]
    ends = [part.strip() for part in text.split("--")]
    matching = [
        link for link in directory.links if len(ends) == len(link.ends) == 2 and _has(link, ends)
    ]
    if len(matching) == 1:
        return matching[0]
    if matching:
        names = " and ".join(repr(link.name) for link in matching)
        raise ValueError(f"{shown(text)} could be any of {names}: name the interface or the link")
    near = did_you_mean(text, by_name)
    raise UnresolvedError(f"there is no link {shown(text)}" + (f" ({near})" if near else ""))


def _has(link: Link, ends: list[str]) -> bool:
    one, other = ends
    first, second = ({end.node, str(end)} for end in link.ends)
    return (one in first and other in second) or (one in second and other in first)
