"""Datagrams of UDP made by hand, whole or in fragments that need not fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netlab.agent import payload
from netlab.agent.channel import Message
from netlab.wire.address import from_text
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, Ipv6, fragment_header
from netlab.wire.udp import PROTOCOL, Udp


def crafted(request: Message, source: bytes) -> Iterator[bytes]:
    """What a request asks to be sent from ``source``, in its order."""
    destination = from_text(request["address"])
    whole = Udp(request["local_port"], request["port"]).emit(_data(request), source, destination)
    header = _header(request, source, destination)
    if not request["fragments"]:
        yield header.emit(whole)
    number = _identification(request)
    for start, end in request["fragments"]:
        yield _piece(header, start, number, more=end < len(whole)).emit(whole[start:end])


def _data(request: Message) -> bytes:
    return payload.of({**request, "conn": _name(request)}, 0) if request["payload_size"] else b""


def _name(request: Message) -> str:
    """What makes the bytes of one differ from those of others."""
    return f"datagram from {request['local_port']}"


def _identification(request: Message) -> int:
    """One that other fragments do not have, where none is asked for."""
    number: int | None = request["identification"]
    if number is None:
        key = f"{request['seed']}/{_name(request)}/{request['address']}"
        number = int.from_bytes(payload.stream(key, 2), "big") or 1
    return number


def _header(request: Message, source: bytes, destination: bytes) -> Ipv4 | Ipv6:
    hops = request["hop_limit"]
    if len(destination) == 16:
        extensions = tuple(
            ExtensionHeader(kind, bytes.fromhex(body)) for kind, body in request["extensions"]
        )
        label = request["flow_label"]
        return Ipv6(source, destination, PROTOCOL, hops, 0, label, extensions)
    options = bytes.fromhex(request["options"])
    return Ipv4(
        source,
        destination,
        PROTOCOL,
        hops,
        request["identification"] or 0,
        request["dont_fragment"],
        options=options + bytes(-len(options) % 4),
    )


def _piece(header: Ipv4 | Ipv6, start: int, number: int, *, more: bool) -> Ipv4 | Ipv6:
    if isinstance(header, Ipv6):
        fragment = fragment_header(start, number, more=more)
        return replace(header, extensions=(*header.extensions, fragment))
    return replace(header, identification=number, more_fragments=more, fragment_offset=start)
