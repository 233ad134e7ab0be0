"""Links, addresses and routes over netlink (rtnetlink(7)): requests, and what dumps answer."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from netlab.wire.address import IPV4_LENGTH, IPV6_LENGTH
from netlab.wire.errors import ParseError
from netlab.wire.netlink import (
    NLM_F_ACK,
    NLM_F_CREATE,
    NLM_F_DUMP,
    NLM_F_EXCL,
    NLM_F_REPLACE,
    Message,
    Request,
    attribute,
    attribute_u32,
    attributes,
    number,
)

RTM_NEWLINK, RTM_GETLINK = 16, 18
RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
RTM_NEWROUTE, RTM_GETROUTE = 24, 26

_AF_UNSPEC, _AF_INET, _AF_INET6 = 0, 2, 10
_IFF_UP, _IFF_NOARP, _IFF_MULTICAST, _IFF_LOWER_UP = 0x1, 0x80, 0x1000, 0x10000
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MTU, _IFLA_OPERSTATE = 1, 3, 4, 16
_IFLA_LINKINFO, _IFLA_INFO_KIND = 18, 1
_IFA_ADDRESS, _IFA_LOCAL, _IFA_BROADCAST, _IFA_FLAGS = 1, 2, 4, 8
_IFA_F_NODAD, _IFA_F_TENTATIVE = 0x02, 0x40
_RTA_DST, _RTA_OIF, _RTA_GATEWAY, _RTA_TABLE = 1, 4, 5, 15
_RT_TABLE_MAIN = 254
_RTPROT_STATIC = 4
_RT_SCOPE_UNIVERSE, _RT_SCOPE_LINK = 0, 253
_RTN_UNICAST = 1

_ADDRESS_LENGTHS = {_AF_INET: IPV4_LENGTH, _AF_INET6: IPV6_LENGTH}

_LINK = Struct("=BxHiII")
_ADDRESS = Struct("=BBBBI")
_ROUTE = Struct("=BBBBBBBBI")

#: The kernel's IF_OPER_ numbers (RFC 2863, ifOperStatus) by name.
_OPERATIONAL_STATES = (
    "UNKNOWN",
    "NOTPRESENT",
    "DOWN",
    "LOWERLAYERDOWN",
    "TESTING",
    "DORMANT",
    "UP",
)


@dataclass(frozen=True, slots=True)
class LinkInfo:
    """``carrier`` is LOWER_UP of `ip link`, ``operstate`` its state.

    ``mac`` is empty where a link has none; ``kind`` is such as ``bridge`` or ``veth``, and empty
    for a device.
    """

    index: int
    name: str
    mtu: int
    up: bool
    carrier: bool
    operstate: str
    mac: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class AddressInfo:
    """An address that ``index`` has; ``tentative`` while duplicate address detection runs."""

    index: int
    address: bytes
    prefix_length: int
    broadcast: bytes | None = None
    tentative: bool = False


@dataclass(frozen=True, slots=True)
class RouteInfo:
    """A unicast route; the default route's ``destination`` is all zeros with prefix length 0.

    ``gateway`` is None on the link itself, ``interface`` None for a route over several.
    """

    destination: bytes
    prefix_length: int
    gateway: bytes | None
    interface: int | None
    table: int


def set_link(
    index: int, *, up: bool | None = None, mtu: int | None = None, mac: bytes | None = None
) -> Request:
    """Change the link ``index``; None leaves a property as it is."""
    body = _LINK.pack(_AF_UNSPEC, 0, index, _IFF_UP if up else 0, 0 if up is None else _IFF_UP)
    if mtu is not None:
        body += attribute_u32(_IFLA_MTU, mtu)
    if mac is not None:
        body += attribute(_IFLA_ADDRESS, mac)
    return Request(RTM_NEWLINK, NLM_F_ACK, body)


def silence_link(index: int) -> Request:
    """Let the link ``index`` speak no ARP, and know of no multicast."""
    body = _LINK.pack(_AF_UNSPEC, 0, index, _IFF_NOARP, _IFF_NOARP | _IFF_MULTICAST)
    return Request(RTM_NEWLINK, NLM_F_ACK, body)


def add_address(index: int, address: bytes, prefix_length: int, *, probe: bool = False) -> Request:
    """Give the link ``index`` an address.

    An IPv4 address gets its network's broadcast address where there is one (RFC 3021: up to /30);
    an IPv6 address is used at once, or, with ``probe``, when the interface's duplicate address
    detection lets it be.
    """
    body = _ADDRESS.pack(_family(address), prefix_length, 0, _RT_SCOPE_UNIVERSE, index)
    body += attribute(_IFA_LOCAL, address) + attribute(_IFA_ADDRESS, address)
    if len(address) != IPV4_LENGTH:
        body += attribute_u32(_IFA_FLAGS, 0 if probe else _IFA_F_NODAD)
    elif prefix_length <= 30:
        hosts = (1 << 32 - prefix_length) - 1
        broadcast = int.from_bytes(address, "big") | hosts
        body += attribute(_IFA_BROADCAST, broadcast.to_bytes(4, "big"))
    return Request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, body)


def remove_address(index: int, address: bytes, prefix_length: int) -> Request:
    body = _ADDRESS.pack(_family(address), prefix_length, 0, _RT_SCOPE_UNIVERSE, index)
    return Request(RTM_DELADDR, NLM_F_ACK, body + attribute(_IFA_LOCAL, address))


def add_route(
    destination: bytes,
    prefix_length: int,
    *,
    gateway: bytes | None = None,
    interface: int | None = None,
    replace: bool = False,
) -> Request:
    """Route a network through a gateway, an interface or both.

    A default route has prefix length 0; its ``destination`` then only tells the version.
    """
    scope = _RT_SCOPE_LINK if gateway is None and len(destination) == IPV4_LENGTH else 0
    body = _ROUTE.pack(
        _family(destination),
        prefix_length,
        0,
        0,
        _RT_TABLE_MAIN,
        _RTPROT_STATIC,
        scope,
        _RTN_UNICAST,
        0,
    )
    if prefix_length:
        body += attribute(_RTA_DST, destination)
    if gateway is not None:
        body += attribute(_RTA_GATEWAY, gateway)
    if interface is not None:
        body += attribute_u32(_RTA_OIF, interface)
    flags = NLM_F_ACK | NLM_F_CREATE | (NLM_F_REPLACE if replace else NLM_F_EXCL)
    return Request(RTM_NEWROUTE, flags, body)


def dump_links() -> Request:
    return Request(RTM_GETLINK, NLM_F_DUMP, _LINK.pack(_AF_UNSPEC, 0, 0, 0, 0))


def dump_addresses() -> Request:
    return Request(RTM_GETADDR, NLM_F_DUMP, _ADDRESS.pack(_AF_UNSPEC, 0, 0, 0, 0))


def dump_routes() -> Request:
    return Request(RTM_GETROUTE, NLM_F_DUMP, _ROUTE.pack(_AF_UNSPEC, 0, 0, 0, 0, 0, 0, 0, 0))


def parse_link(message: Message) -> LinkInfo | None:
    """The link of an RTM_NEWLINK message, None for others; ParseError when it is too short."""
    if message.type != RTM_NEWLINK:
        return None
    _, _, index, flags, _ = _fixed(_LINK, message)
    found = attributes(message.body[_LINK.size :])
    state = number(found.get(_IFLA_OPERSTATE))
    return LinkInfo(
        index,
        _text(found.get(_IFLA_IFNAME, b"")),
        number(found.get(_IFLA_MTU)),
        bool(flags & _IFF_UP),
        bool(flags & _IFF_LOWER_UP),
        _OPERATIONAL_STATES[state] if state < len(_OPERATIONAL_STATES) else "UNKNOWN",
        found.get(_IFLA_ADDRESS, b""),
        _text(attributes(found.get(_IFLA_LINKINFO, b"")).get(_IFLA_INFO_KIND, b"")),
    )


def _text(data: bytes) -> str:
    return data.rstrip(b"\0").decode(errors="replace")


def parse_address(message: Message) -> AddressInfo | None:
    """The address of an RTM_NEWADDR message, None for others; ParseError when too short."""
    if message.type != RTM_NEWADDR:
        return None
    _, prefix_length, flags, _, index = _fixed(_ADDRESS, message)
    found = attributes(message.body[_ADDRESS.size :])
    address = found.get(_IFA_LOCAL, found.get(_IFA_ADDRESS))
    if address is None:
        raise ParseError("netlink address message has no address")
    flags = number(found.get(_IFA_FLAGS)) or flags
    return AddressInfo(
        index,
        address,
        prefix_length,
        found.get(_IFA_BROADCAST),
        bool(flags & _IFA_F_TENTATIVE),
    )


def parse_route(message: Message) -> RouteInfo | None:
    """The unicast route of an RTM_NEWROUTE message, None for others; ParseError when too short."""
    if message.type != RTM_NEWROUTE:
        return None
    family, prefix_length, _, _, table, _, _, kind, _ = _fixed(_ROUTE, message)
    if kind != _RTN_UNICAST or family not in _ADDRESS_LENGTHS:
        return None
    found = attributes(message.body[_ROUTE.size :])
    return RouteInfo(
        found.get(_RTA_DST, bytes(_ADDRESS_LENGTHS[family])),
        prefix_length,
        found.get(_RTA_GATEWAY),
        number(found.get(_RTA_OIF)) or None,
        number(found.get(_RTA_TABLE)) or table,
    )


def _family(address: bytes) -> int:
    return _AF_INET if len(address) == IPV4_LENGTH else _AF_INET6


def _fixed(layout: Struct, message: Message) -> tuple[int, ...]:
    if len(message.body) < layout.size:
        raise ParseError(f"netlink message of type {message.type} is too short")
    return layout.unpack_from(message.body)
