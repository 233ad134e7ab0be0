"""Packets that nobody else would send: who gets them, and who can have seen what they are about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netlab.topology import steps as plan
from netlab.topology.filters import IcmpReply
from netlab.topology.hints import one_of
from netlab.topology.marks import Path
from netlab.topology.model.steps import injections as file
from netlab.topology.model.steps.datagrams import Datagram
from netlab.topology.plan import Interface, Offload
from netlab.topology.resolve import endpoints
from netlab.topology.resolve.expressions import refusal
from netlab.topology.resolve.names import Named, Thing
from netlab.topology.resolve.steps.base import Maker, Resolver
from netlab.topology.steps import SegmentNumber, Step
from netlab.wire.udp import HEADER_LENGTH

#: What headers of one version of IP do not have of a datagram by hand.
_LACKING = {4: ("flow_label", "extensions"), 6: ("options", "df")}
_MOST_IDENTIFICATION = 0xFFFF

_CONNECTED = (Thing.TCP, Thing.UDP)

#: What only the capture of the whole lab tells.
_INSTEAD = {"src.node": "ip.src", "dst.node": "ip.dst"}


def _inject(
    resolver: Resolver, model: file.Inject, path: Path, common: dict[str, Any]
) -> Step | None:
    if resolver.node(model.node, path) is None:
        return None
    common = common | {"node": model.node}
    match model.inject:
        case file.Segment() as segment:
            return _segment(resolver, segment, (*path, "inject"), common)
        case file.Replayed() as replayed:
            return _replay(resolver, replayed, (*path, "inject"), common)
        case Datagram() as datagram:
            return _datagram(resolver, datagram, (*path, "inject"), common)
        case message:
            return _message(resolver, message, (*path, "inject"), common)


def _message(
    resolver: Resolver, asked: file.IcmpMessage, path: Path, common: dict[str, Any]
) -> Step | None:
    kind = asked.kind
    address = None
    if asked.to is not None:
        try:
            address = str(resolver.directory.address(asked.to, kind.version))
        except ValueError as error:
            resolver.wrong((*path, "to"), error)
            return None
    elif resolver.names.find(asked.about or "", _CONNECTED, (*path, "about")) is None:
        return None
    return plan.Inject(
        **common,
        connection=asked.about,
        error=IcmpReply(kind.version, kind.type, kind.code, asked.parameter),
        address=address,
    )


def _segment(
    resolver: Resolver, asked: file.Segment, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.names.find(asked.about, (Thing.TCP,), (*path, "about"))
    if named is None or not _is_between(resolver, common["node"], named, path):
        return None
    ends = _ends(resolver, named)
    if asked.to not in ends:
        resolver.problems.add((*path, "to"), f"{named.name!r} ends at {one_of(ends)}")
        return None
    timestamp = asked.timestamp
    return plan.InjectSegment(
        **common,
        connection=named.name,
        to_opener=asked.to == named.node,
        flags=asked.segment,
        sequence=asked.seq,
        acknowledgment=asked.ack,
        timestamp=timestamp if isinstance(timestamp, SegmentNumber) else None,
        window=asked.window,
        payload=asked.data,
        urgent=asked.urgent,
        mss=asked.mss,
    )


def _replay(
    resolver: Resolver, asked: file.Replayed, path: Path, common: dict[str, Any]
) -> Step | None:
    named = resolver.names.find(asked.about, _CONNECTED, (*path, "about"))
    if named is None or not _is_between(resolver, common["node"], named, path):
        return None
    if any(each.offload is Offload.FAST for each in _interfaces(resolver, common["node"])):
        message = f"{common['node']!r} sees packets before their checksums are made"
        resolver.problems.add((*path, "replay"), message, "give its links offload: wire")
        return None
    if why := refusal(asked.replay, "a node", _INSTEAD):
        resolver.problems.add((*path, "replay"), why)
        return None
    return plan.Replay(**common, connection=named.name, expression=asked.replay, nth=asked.nth)


def _datagram(
    resolver: Resolver, asked: Datagram, path: Path, common: dict[str, Any]
) -> Step | None:
    try:
        peer = endpoints.peer(asked.datagram, resolver.directory)
    except ValueError as error:
        resolver.wrong((*path, "datagram"), error)
        return None
    if peer.transport != "udp":
        message = "a datagram by hand is of udp or udp6"
        resolver.problems.add((*path, "datagram"), message, "for TCP there is 'segment'")
        return None
    if wrong := next(_unfit(asked, peer.version), None):
        resolver.problems.add((*path, wrong[0]), wrong[1])
        return None
    return plan.InjectDatagram(
        **common,
        address=peer.address,
        port=peer.port,
        local_port=asked.local,
        payload=asked.data,
        hop_limit=asked.ttl,
        identification=asked.id,
        dont_fragment=asked.df,
        flow_label=asked.flow_label or 0,
        options=asked.options,
        extensions=asked.extensions,
        fragments=asked.fragments,
    )


def _unfit(asked: Datagram, version: int) -> Iterator[tuple[str, str]]:
    """The key, and what is wrong with it."""
    for key in _LACKING[version]:
        if key in asked.model_fields_set:
            yield key, f"IPv{version} has none"
    if version == 6 and asked.id is not None and not asked.fragments:
        yield "id", "over IPv6 only fragments have an identification"
    if version == 4 and (asked.id or 0) > _MOST_IDENTIFICATION:
        yield "id", f"over IPv4 an identification is 0 to {_MOST_IDENTIFICATION}"
    size = HEADER_LENGTH + (asked.data.size if asked.data else 0)
    for piece in asked.fragments:
        if piece.stop > size:
            yield "fragments", f"the datagram has {size} bytes, header included"
        elif piece.stop % 8 and piece.stop < size:
            yield "fragments", f"only the last one ends elsewhere than at a multiple of 8: {size}"


def _interfaces(resolver: Resolver, node: str) -> tuple[Interface, ...]:
    return resolver.directory.node(node).interfaces


def _ends(resolver: Resolver, named: Named) -> tuple[str, ...]:
    owner = resolver.directory.owners.get(named.peer or "")
    return (named.node, owner.node) if owner else (named.node,)


def _is_between(resolver: Resolver, node: str, named: Named, path: Path) -> bool:
    """An end sees what comes to it, and not what it sends."""
    if node not in _ends(resolver, named):
        return True
    resolver.problems.add(
        (*path[:-1], "node"),
        f"{node!r} is an end of {named.name!r}",
        "a node on its way sees both sides: a router",
    )
    return False


MAKERS: dict[type, Maker] = {file.Inject: _inject}
