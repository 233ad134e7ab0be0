"""Where things stand in the drawing of a topology: clients left, routers between, servers right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from netlab.analyse.model import Transit
from netlab.topology.plan import End, Interface, Link, LinkKind, Node, Plan, Role

#: Above this a drawing is no longer readable and a list does better.
MOST_NODES = 30

_HEAD = 30
_LINE = 15
_CHARACTER = 6.7
_GAP = 120
_BAR_GAP = 34
_BETWEEN = 22
_MARGIN = 24


@dataclass(frozen=True, slots=True)
class Port:
    """An interface in its box: its wire ends at ``y``, its text begins at ``text``."""

    interface: Interface
    y: int
    text: int


@dataclass(frozen=True, slots=True)
class Box:
    node: Node
    x: int
    y: int
    width: int
    height: int
    ports: tuple[Port, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A LAN."""

    link: Link
    x: int
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Wire:
    """``path`` is SVG path data; ``lost`` counts the packets that never left the link."""

    link: Link
    path: str
    x: int
    y: int
    lost: int


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    boxes: tuple[Box, ...]
    bars: tuple[Bar, ...]
    wires: tuple[Wire, ...]


def draw(plan: Plan, transits: Iterable[Transit]) -> Drawing | None:
    """None when the lab has too many nodes to be drawn."""
    if not plan.nodes or len(plan.nodes) > MOST_NODES:
        return None
    return _Layout(plan, losses(plan, transits)).drawing()


def losses(plan: Plan, transits: Iterable[Transit]) -> Mapping[str, int]:
    """How many packets were lost on each link and inside each node, by its name."""
    links = {str(end): link.name for link in plan.links for end in link.ends}
    lasts = (transit.hops[-1] for transit in transits if transit.lost_after is not None)
    places = (f"{hop.node}:{hop.interface}" if hop.outbound else hop.node for hop in lasts)
    return Counter(links.get(place, place) for place in places)


def columns(plan: Plan) -> tuple[tuple[Node, ...], ...]:
    """The nodes from left to right, ordered so that neighbours are level where they can be."""
    layer = _layers(plan)
    found = [[n for n in plan.nodes if layer[n.name] == i] for i in sorted(set(layer.values()))]
    neighbours = _neighbours(plan)
    for _ in range(4):
        for column in (*found, *reversed(found)):
            place = {n.name: i / len(c) for c in found for i, n in enumerate(c)}
            column.sort(key=lambda node: _mean([place[n] for n in neighbours[node.name]]))
    return tuple(map(tuple, found))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.5


def _neighbours(plan: Plan) -> Mapping[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for link in plan.links:
        for end in link.ends:
            found[end.node] += (other.node for other in link.ends if other.node != end.node)
    return found


def _layers(plan: Plan) -> dict[str, int]:
    left = _left_side(plan)
    neighbours = _neighbours(plan)
    routers = {node.name for node in plan.nodes if node.forwards}
    distance = dict.fromkeys(left, 0)
    frontier = sorted(left)
    while frontier:
        reached = [n for name in frontier for n in neighbours[name] if n in routers]
        step = distance[frontier[0]] + 1
        frontier = [n for n in dict.fromkeys(reached) if n not in distance]
        distance.update(dict.fromkeys(frontier, step))
    for name in routers - distance.keys():
        distance[name] = 1
    last = max(distance.values(), default=0) + 1
    return {node.name: distance.get(node.name, last) for node in plan.nodes}


def _left_side(plan: Plan) -> set[str]:
    """Clients; plain hosts take the side that would be empty without them, or both."""
    by_role = {role: [n.name for n in plan.nodes if n.role is role] for role in Role}
    hosts = by_role[Role.HOST]
    if not by_role[Role.CLIENT] and not by_role[Role.SERVER]:
        hosts = hosts[: (len(hosts) + 1) // 2]
    elif by_role[Role.CLIENT]:
        hosts = []
    return {*by_role[Role.CLIENT], *hosts}


class _Layout:
    def __init__(self, plan: Plan, lost: Mapping[str, int]) -> None:
        self._lost = lost
        self._lans = [link for link in plan.links if link.kind is LinkKind.LAN]
        self._cables = [link for link in plan.links if link.kind is not LinkKind.LAN]
        self._columns = columns(plan)
        self._column = {n.name: i for i, c in enumerate(self._columns) for n in c}
        self._boxes: dict[str, Box] = {}
        self._ports: dict[End, Port] = {}
        self._gaps: defaultdict[int, list[Link]] = defaultdict(list)
        self._floor = 0
        for lan in self._lans:
            self._gaps[self._gap(lan)].append(lan)

    def drawing(self) -> Drawing:
        height = max(map(_column_height, self._columns)) + 2 * _MARGIN
        x = _MARGIN
        rights = []
        for index, column in enumerate(self._columns):
            width = max(map(_box_width, column))
            self._stack(column, x, width, (height - _column_height(column)) // 2)
            rights.append(x + width)
            crossed = len(self._gaps[index])
            is_last = index == len(self._columns) - 1
            x += width + (0 if is_last and not crossed else _GAP) + crossed * _BAR_GAP
        self._floor = height
        bars = tuple(self._bar(lan, rights[self._gap(lan)]) for lan in self._lans)
        wires = [self._cable(link) for link in self._cables]
        wires += (self._tap(bar, end) for bar in bars for end in bar.link.ends)
        sideways = any(self._is_sideways(link) for link in self._cables)
        width = x + _MARGIN + (_GAP // 2 if sideways else 0)
        return Drawing(width, self._floor, tuple(self._boxes.values()), bars, tuple(wires))

    def _stack(self, column: Sequence[Node], x: int, width: int, y: int) -> None:
        for node in column:
            box = _box(node, x, y, width)
            self._boxes[node.name] = box
            self._ports.update((End(node.name, p.interface.name), p) for p in box.ports)
            y += box.height + _BETWEEN

    def _gap(self, lan: Link) -> int:
        """The number of the column at whose right the LAN stands."""
        members = [self._column[end.node] for end in lan.ends]
        return (min(members) + max(members)) // 2 if members else 0

    def _bar(self, lan: Link, right: int) -> Bar:
        place = self._gaps[self._gap(lan)].index(lan)
        ends = [self._ports[end].y for end in lan.ends]
        x = right + _GAP // 2 + place * _BAR_GAP
        return Bar(lan, x, min(ends, default=_MARGIN) - 14, max(ends, default=_MARGIN) + 14)

    def _tap(self, bar: Bar, end: End) -> Wire:
        box, y = self._boxes[end.node], self._ports[end].y
        x = box.x + box.width if box.x < bar.x else box.x
        path = f"M{x} {y}H{bar.x}"
        return Wire(bar.link, path, (x + bar.x) // 2, y, self._lost.get(bar.link.name, 0))

    def _is_sideways(self, link: Link) -> bool:
        return len({self._column[end.node] for end in link.ends}) == 1

    def _cable(self, link: Link) -> Wire:
        a, b = sorted(link.ends, key=lambda end: self._boxes[end.node].x)
        left, right = self._boxes[a.node], self._boxes[b.node]
        y1, y2 = self._ports[a].y, self._ports[b].y
        x1 = left.x + left.width
        x2, bend = right.x, right.x - (right.x - x1) // 2
        if self._is_sideways(link):
            x2 = right.x + right.width
            bend = x1 + _GAP // 2
        lost = self._lost.get(link.name, 0)
        if abs(self._column[a.node] - self._column[b.node]) > 1:
            return Wire(link, self._below(x1, y1, x2, y2), (x1 + x2) // 2, self._floor - 8, lost)
        path = f"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"
        return Wire(link, path, bend, (y1 + y2) // 2, lost)

    def _below(self, x1: int, y1: int, x2: int, y2: int) -> str:
        """A way below all boxes: straight on, it would seem to end at those in between."""
        lane, half = self._floor - _MARGIN // 3, _GAP // 2
        self._floor += _BETWEEN
        return (
            f"M{x1} {y1}C{x1 + half} {y1} {x1} {lane} {x1 + half} {lane}"
            f"H{x2 - half}C{x2} {lane} {x2 - half} {y2} {x2} {y2}"
        )


def _port_lines(interface: Interface) -> tuple[str, ...]:
    return (f"{interface.name}  MTU {interface.mtu}", *map(str, interface.addresses))


def _port_height(interface: Interface) -> int:
    return _LINE * len(_port_lines(interface)) + 8


def _box_height(node: Node) -> int:
    return _HEAD + sum(map(_port_height, node.interfaces)) + 4


def _box_width(node: Node) -> int:
    texts = [line for i in node.interfaces for line in _port_lines(i)]
    longest = max([len(node.name) + len(node.role) + 6, *map(len, texts)])
    return min(max(150, round(longest * _CHARACTER) + 28), 340)


def _column_height(column: Sequence[Node]) -> int:
    return sum(map(_box_height, column)) + _BETWEEN * (len(column) - 1)


def _box(node: Node, x: int, y: int, width: int) -> Box:
    ports = []
    top = y + _HEAD
    for interface in node.interfaces:
        ports.append(Port(interface, y=top + 11, text=top + 15))
        top += _port_height(interface)
    return Box(node, x, y, width, _box_height(node), tuple(ports))
