"""Links: ranges written out, interfaces named, MTUs settled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import count

from netlab.topology.draft import Draft
from netlab.topology.hints import did_you_mean
from netlab.topology.impairment import Impairment
from netlab.topology.marks import Path
from netlab.topology.model.link import End, Link
from netlab.topology.model.node import Interface
from netlab.topology.plan import IPInterface, IPNetwork, LinkKind, Offload
from netlab.topology.problems import Problems
from netlab.topology.ranges import MAX_COUNT
from netlab.topology.resolve.impairments import impairments
from netlab.topology.resolve.nodes import NodeDraft
from netlab.topology.resolve.ways import Ends

DEFAULT_MTU = 1500
_PLAIN = Interface.model_construct()


@dataclass(frozen=True, slots=True)
class Port:
    """One end of a link: an interface with what the file gives by hand."""

    node: str
    interface: str
    mtu: int
    offload: Offload
    path: Path
    mac: str | None = None
    addresses: tuple[IPInterface, ...] = ()

    def __str__(self) -> str:
        return f"{self.node}:{self.interface}"


@dataclass(frozen=True, slots=True)
class Wire:
    """A link before it has addresses."""

    name: str
    kind: LinkKind
    path: Path
    ports: tuple[Port, ...]
    subnets: tuple[IPNetwork, ...]
    impairments: tuple[Impairment, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stub:
    """An end of one link: a node, and its interface's name if the file gives it."""

    node: str
    interface: str | None
    written: str

    def __str__(self) -> str:
        return self.node if self.interface is None else f"{self.node}:{self.interface}"


@dataclass(frozen=True, slots=True)
class _Pair:
    """A link of the file, or one of the links that its range makes."""

    path: Path
    model: Link
    stubs: tuple[_Stub, ...]


def expand(draft: Draft, nodes: dict[str, NodeDraft], problems: Problems) -> list[Wire]:
    pairs: list[_Pair] = []
    for index, model in enumerate(draft.lab.links):
        path = draft.path("links", index)
        stubs = _known(model, nodes, path, problems)
        if stubs is not None:
            pairs += [_Pair(path, model, ends) for ends in _combined(model, stubs)]
        if sum(len(pair.stubs) for pair in pairs) > 2 * MAX_COUNT:
            problems.add(path, f"a lab has at most {2 * MAX_COUNT} interfaces")
            return []
    wires = _wired(pairs, nodes, problems)
    if len(pairs) == len(wires) and not len(problems):
        _check_unused(wires, nodes, problems)
    return wires


def _known(
    model: Link, nodes: dict[str, NodeDraft], path: Path, problems: Problems
) -> list[list[_Stub]] | None:
    """The stubs of each written end; None if a node is unknown."""
    key = "lan" if model.lan is not None else "ends"
    stubs = []
    good = True
    for index, end in enumerate(model.lan or model.ends or ()):
        unknown = [name for name in end.nodes if name not in nodes]
        if unknown:
            good = False
            problems.add((*path, key, index), *_unknown(unknown[0], nodes))
        stubs.append([_Stub(name, end.interface, _written(end, name)) for name in end.nodes])
    return stubs if good else None


def _unknown(name: str, nodes: dict[str, NodeDraft]) -> tuple[str, str]:
    return f"no node is called {name!r}", did_you_mean(name, nodes)


def _written(end: End, name: str) -> str:
    return name if end.interface is None else f"{name}:{end.interface}"


def _combined(model: Link, stubs: list[list[_Stub]]) -> list[tuple[_Stub, ...]]:
    """The ends of each link: a range of ends makes one link for each name, a LAN is one link."""
    if model.lan is not None:
        return [tuple(stub for group in stubs for stub in group)]
    left, right = stubs
    return [(a, b) for a in left for b in right]


def _wired(pairs: list[_Pair], nodes: dict[str, NodeDraft], problems: Problems) -> list[Wire]:
    naming = _Interfaces(pairs)
    names = _link_names(pairs, problems)
    wires = []
    for pair, name in zip(pairs, names, strict=True):
        repeated = [n for n, times in Counter(s.node for s in pair.stubs).items() if times > 1]
        if repeated:
            problems.add(pair.path, f"{repeated[0]!r} is on this link twice")
            continue
        named = naming.named(pair, problems)
        if named is None:
            continue
        _check_mtu_keys(pair, problems)
        ports = tuple(_port(pair, stub, nodes[stub.node], problems) for stub in named)
        kind = LinkKind.POINT_TO_POINT if pair.model.lan is None else LinkKind.LAN
        wires.append(
            Wire(
                name,
                kind,
                pair.path,
                ports,
                tuple(pair.model.subnet or ()),
                _impairments(pair, named, ports, problems),
            )
        )
    return wires


def _impairments(
    pair: _Pair, named: list[_Stub], ports: tuple[Port, ...], problems: Problems
) -> tuple[Impairment, ...]:
    ends = Ends(
        full=tuple(map(str, ports)),
        names=tuple(
            frozenset({stub.written, str(port), stub.node, *_ranges(pair, stub)})
            for stub, port in zip(named, ports, strict=True)
        ),
        is_lan=pair.model.lan is not None,
        mtu=min(port.mtu for port in ports),
    )
    return impairments(pair.model, ends, pair.path, problems)


class _Interfaces:
    """Gives each end its interface: the one it names, or the next ``eth`` that is free."""

    def __init__(self, pairs: list[_Pair]) -> None:
        stubs = [stub for pair in pairs for stub in pair.stubs]
        self._taken = {(s.node, s.interface) for s in stubs if s.interface is not None}
        self._used: dict[tuple[str, str], Path] = {}
        self._next = {stub.node: count() for stub in stubs}

    def named(self, pair: _Pair, problems: Problems) -> list[_Stub] | None:
        named = []
        for stub in pair.stubs:
            name = stub.interface or self._free(stub.node)
            other = self._used.get((stub.node, name))
            if other is not None:
                place = problems.document.where(other)
                problems.add(
                    pair.path,
                    f"{stub.node}:{name} already ends the link at {place}",
                    "an interface ends one link",
                )
                return None
            self._used[stub.node, name] = pair.path
            named.append(replace(stub, interface=name))
        return named

    def _free(self, node: str) -> str:
        return next(
            name for number in self._next[node] if (node, name := f"eth{number}") not in self._taken
        )


def _link_names(pairs: list[_Pair], problems: Problems) -> list[str]:
    """The given name, or the ends as written; parallel links are numbered."""
    lans = count(1)
    seen: dict[str, Path] = {}
    names = []
    for pair in pairs:
        if pair.model.name is not None:
            name = pair.model.name
            if name in seen:
                problems.add((*pair.path, "name"), f"two links are called {name!r}")
        elif pair.model.lan is not None:
            name = f"lan{next(lans)}"
        else:
            name = " -- ".join(map(str, pair.stubs))
        number = count(2)
        unique = name
        while unique in seen:
            unique = f"{name} ({next(number)})"
        seen[unique] = pair.path
        names.append(unique)
    return names


def _port(pair: _Pair, stub: _Stub, node: NodeDraft, problems: Problems) -> Port:
    name = stub.interface or ""
    declared = node.interfaces.get(name, _PLAIN)
    path: Path = (*node.path, "interfaces", name) if name in node.interfaces else pair.path
    offload = Offload(pair.model.offload) if pair.model.offload else node.offload
    return Port(
        node=node.name,
        interface=name,
        mtu=_mtu(pair, stub, node, declared, problems),
        offload=offload,
        path=path,
        mac=declared.mac,
        addresses=tuple(declared.address or ()),
    )


def _mtu(pair: _Pair, stub: _Stub, node: NodeDraft, declared: Interface, problems: Problems) -> int:
    given = pair.model.mtu or {}
    keys = (stub.written, f"{stub.node}:{stub.interface}", stub.node, *_ranges(pair, stub), None)
    of_link = next((given[key] for key in keys if key in given), None)
    if of_link and declared.mtu and of_link != declared.mtu:
        problems.add(
            (*pair.path, "mtu"),
            f"the link gives {stub.node}:{stub.interface} MTU {of_link}, "
            f"its node gives it {declared.mtu}",
            "say it once",
        )
    return declared.mtu or of_link or node.mtu or DEFAULT_MTU


def _ranges(pair: _Pair, stub: _Stub) -> list[str]:
    ends = pair.model.lan or pair.model.ends or ()
    return [end.written for end in ends if stub.node in end.nodes]


def _check_mtu_keys(pair: _Pair, problems: Problems) -> None:
    ends = pair.model.lan or pair.model.ends or ()
    known = {end.written for end in ends} | {end.written.partition(":")[0] for end in ends}
    known |= {stub.node for stub in pair.stubs}
    for key in pair.model.mtu or {}:
        if key is not None and key not in known:
            hint = did_you_mean(key, known)
            problems.add(
                (*pair.path, "mtu", key), f"{key!r} is no end of this link", hint, key=True
            )


def _check_unused(wires: list[Wire], nodes: dict[str, NodeDraft], problems: Problems) -> None:
    used = {(port.node, port.interface) for wire in wires for port in wire.ports}
    for node in nodes.values():
        for name in node.interfaces:
            if (node.name, name) not in used:
                hint = f"a link may end at '{node.name}:{name}'"
                problems.add(
                    (*node.path, "interfaces", name), f"no link ends at {node.name}:{name}", hint
                )
