"""A packet's headers as names and values, whatever their classes are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, Flag
from typing import Any

from netlab.wire import address, ipv4_options
from netlab.wire.arp import Arp
from netlab.wire.ethernet import Ethernet
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, ExtensionType, Ipv6
from netlab.wire.packet import Packet
from netlab.wire.tcp import Tcp
from netlab.wire.udp import Udp

_HEXADECIMAL = frozenset({"checksum", "ethertype", "flow_label"})
_ADDRESSES = frozenset(
    {
        "source",
        "destination",
        "sender_hardware_address",
        "sender_protocol_address",
        "target_hardware_address",
        "target_protocol_address",
    }
)
#: What the wire says and the classes derive.
_DERIVED: dict[type, tuple[str, ...]] = {
    Ipv4: ("version", "header_length"),
    Ipv6: ("version", "next_header"),
    Tcp: ("padding",),
}
_SHOWN_BYTES = 32
_WORD = re.compile("(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Header:
    """``values`` belong to the fields of ``kind``: numbers and texts."""

    kind: HeaderKind
    values: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class HeaderKind:
    name: str
    fields: tuple[str, ...]


#: Protocol -> how its header is listed, and how where an ICMP error quotes it.
_KINDS = {
    protocol: tuple(
        HeaderKind(
            prefix + name,
            (*_DERIVED.get(protocol, ()), *(field.name for field in fields(protocol))),
        )
        for prefix in ("", "quoted ")
    )
    for protocol, name in (
        (Ethernet, "Ethernet"),
        (Arp, "ARP"),
        (Ipv4, "IPv4"),
        (Ipv6, "IPv6"),
        (Icmp, "ICMP"),
        (Icmpv6, "ICMPv6"),
        (Udp, "UDP"),
        (Tcp, "TCP"),
    )
}


def headers(packet: Packet) -> Iterator[Header]:
    """Outermost first; then those of the packet that an ICMP error quotes."""
    yield from _headers(packet, quoted=False)
    if packet.quoted:
        yield from _headers(packet.quoted, quoted=True)


def _headers(packet: Packet, *, quoted: bool) -> Iterator[Header]:
    found = (packet.ethernet, packet.arp, packet.ip, packet.icmp, packet.icmpv6)
    for header in (*found, packet.udp, packet.tcp):
        if header is not None:
            kind = _KINDS[type(header)][quoted]
            yield Header(kind, tuple(_value(name, getattr(header, name)) for name in kind.fields))


def _value(name: str, value: Any) -> int | str:
    if isinstance(value, bytes):
        if name == "options":
            return _ipv4_options(value)
        return _address(value) if name in _ADDRESSES else _bytes(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and not isinstance(value, Enum) and name not in _HEXADECIMAL:
        return value
    return f"0x{value:04x}" if name in _HEXADECIMAL else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, Flag):
        return " ".join(flag.name or str(flag.value) for flag in value) or "none"
    if isinstance(value, Enum):
        return value.name.lower().replace("_", " ")
    if isinstance(value, bytes):
        return _bytes(value)
    if isinstance(value, tuple):
        return ", ".join(map(_text, value)) or "none"
    return _class(value) if is_dataclass(value) else str(value)


def _class(value: Any) -> str:
    """An option or an extension header: its name and what is in it."""
    if isinstance(value, ExtensionHeader):
        return f"{_text(ExtensionType(value.type))} {_bytes(value.body)}"
    inner = (_text(getattr(value, field.name)) for field in fields(value))
    return " ".join((_WORD.sub(" ", type(value).__name__).lower(), *inner))


def _ipv4_options(value: bytes) -> str:
    named = (
        f"{option.name} {option.data[:_SHOWN_BYTES].hex(' ')}".rstrip()
        for option in ipv4_options.parse(value)
    )
    return ", ".join(named) or "none"


def _bytes(value: bytes) -> str:
    return value[:_SHOWN_BYTES].hex(" ") + (" …" if len(value) > _SHOWN_BYTES else "") or "none"


def _address(value: bytes) -> str:
    try:
        return address.to_text(value)
    except ValueError:
        return _bytes(value)
