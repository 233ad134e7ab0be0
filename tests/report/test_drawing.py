from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_interface

from netlab.analyse.model import Arrow
from netlab.report.drawing import MOST_NODES, Box, Drawing, columns, draw, losses
from netlab.report.run import Run
from netlab.topology.plan import End, Interface, Link, LinkKind, Node, Offload, Plan, Role
from netlab.wire.tcp import Flags


def lab(run: Run, roles: dict[str, Role], *links: str) -> Plan:
    """Links as ``a b`` for a cable, ``a b c`` or more for a LAN; interfaces count up from eth0."""
    ends: list[tuple[End, ...]] = []
    interfaces: dict[str, list[Interface]] = {name: [] for name in roles}
    for link in links:
        made: list[End] = []
        for name in link.split():
            address = ip_interface(f"10.0.{len(ends)}.{len(made) + 1}/24")
            eth = f"eth{len(interfaces[name])}"
            interfaces[name].append(Interface(eth, "", 1500, link, (address,), Offload.WIRE))
            made.append(End(name, eth))
        ends.append(tuple(made))
    return replace(
        run.plan,
        nodes=tuple(Node(name, role, tuple(interfaces[name])) for name, role in roles.items()),
        links=tuple(
            Link(name, LinkKind.LAN if len(made) > 2 else LinkKind.POINT_TO_POINT, made, ())
            for name, made in zip(links, ends, strict=True)
        ),
    )


def names(plan: Plan) -> list[list[str]]:
    return [[node.name for node in column] for column in columns(plan)]


def drawn(plan: Plan) -> Drawing:
    drawing = draw(plan, ())
    assert drawing
    return drawing


CHAIN = {"s": Role.SERVER, "r2": Role.ROUTER, "r1": Role.ROUTER, "c": Role.CLIENT}


def test_clients_stand_left_routers_between_and_servers_right(run: Run) -> None:
    assert names(lab(run, CHAIN, "c r1", "r1 r2", "r2 s")) == [["c"], ["r1"], ["r2"], ["s"]]


def test_nodes_are_level_with_their_neighbours(run: Run) -> None:
    roles = {"c1": Role.CLIENT, "c2": Role.CLIENT, "s1": Role.SERVER, "s2": Role.SERVER}
    assert names(lab(run, roles, "c1 s2", "c2 s1")) in (
        [["c1", "c2"], ["s2", "s1"]],
        [["c2", "c1"], ["s1", "s2"]],
    )


def test_plain_hosts_take_the_side_that_is_empty(run: Run) -> None:
    hosts = {"a": Role.HOST, "b": Role.HOST}
    assert names(lab(run, hosts, "a b")) == [["a"], ["b"]]
    assert names(lab(run, {"a": Role.HOST, "s": Role.SERVER}, "a s")) == [["a"], ["s"]]
    assert names(lab(run, {"a": Role.HOST, "c": Role.CLIENT}, "a c")) == [["c"], ["a"]]


def overlap(a: Box, b: Box) -> bool:
    apart_x = a.x + a.width <= b.x or b.x + b.width <= a.x
    apart_y = a.y + a.height <= b.y or b.y + b.height <= a.y
    return not (apart_x or apart_y)


def test_boxes_stand_apart_and_inside_the_drawing(run: Run) -> None:
    roles = {f"c{i}": Role.CLIENT for i in range(20)}
    roles |= {"r": Role.ROUTER, **{f"s{i}": Role.SERVER for i in range(9)}}
    lan = " ".join([*(f"c{i}" for i in range(20)), "r"])
    drawing = drawn(lab(run, roles, lan, *(f"r s{i}" for i in range(9))))
    boxes = drawing.boxes
    assert len(boxes) == MOST_NODES
    assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(box.x >= 0 and box.x + box.width <= drawing.width for box in boxes)
    assert all(box.y >= 0 and box.y + box.height <= drawing.height for box in boxes)


def test_a_lan_is_a_bar_that_all_its_members_reach(run: Run) -> None:
    roles = {"c1": Role.CLIENT, "c2": Role.CLIENT, "s": Role.SERVER}
    drawing = drawn(lab(run, roles, "c1 c2 s"))
    (bar,) = drawing.bars
    assert len(drawing.wires) == 3
    assert all(wire.path.endswith(f"H{bar.x}") for wire in drawing.wires)
    assert all(bar.top <= wire.y <= bar.bottom for wire in drawing.wires)


def test_a_multi_homed_node_has_a_port_for_each_of_its_links(run: Run) -> None:
    plan = lab(run, CHAIN, "c r1", "c r2", "r1 s", "r2 s")
    server = next(box for box in drawn(plan).boxes if box.node.name == "s")
    first, second = server.ports
    assert first.y < second.y < server.y + server.height
    assert len({wire.path for wire in drawn(plan).wires}) == 4


def test_routers_side_by_side_are_joined_around_the_side(run: Run) -> None:
    drawing = drawn(lab(run, CHAIN, "c r1", "c r2", "r1 r2", "r1 s", "r2 s"))
    wire = next(wire for wire in drawing.wires if wire.link.name == "r1 r2")
    router = next(box for box in drawing.boxes if box.node.name == "r1")
    assert wire.x > router.x + router.width


def test_a_router_nobody_reaches_is_still_drawn(run: Run) -> None:
    roles = {"c": Role.CLIENT, "r": Role.ROUTER, "s": Role.SERVER}
    assert names(lab(run, roles, "c s")) == [["c"], ["r"], ["s"]]


def test_losses_are_counted_on_the_link_that_lost_them(
    run: Run, segment: Callable[..., Arrow]
) -> None:
    plan = lab(run, CHAIN, "c r1", "r1 r2", "r2 s")
    lost = segment(0, "", Flags.ACK, lost_after="r1:eth1").transit
    hop = replace(lost.hops[0], node="r1", interface="eth1")
    lost = replace(lost, hops=(hop,))
    assert losses(plan, [lost]) == {"r1 r2": 1}
    drawing = draw(plan, [lost])
    assert drawing
    assert [wire.lost for wire in drawing.wires] == [0, 1, 0]
    dropped = replace(lost, hops=(replace(hop, outbound=False),))
    assert losses(plan, [dropped, dropped]) == {"r1": 2}


def test_a_lab_of_very_many_nodes_is_not_drawn(run: Run) -> None:
    hosts = dict.fromkeys(map(str, range(MOST_NODES + 1)), Role.HOST)
    assert draw(lab(run, hosts), ()) is None


def test_a_cable_past_a_router_goes_below_all_boxes(run: Run):
    roles = {"c": Role.CLIENT, "near": Role.CLIENT, "r": Role.ROUTER, "s": Role.SERVER}
    drawing = drawn(lab(run, roles, "c r", "r s", "near s"))
    (past,) = (wire for wire in drawing.wires if wire.link.name == "near s")
    lane = max(int(number) for number in re.findall(r"C\S+ \S+ \S+ (\d+)", past.path))
    assert lane > max(box.y + box.height for box in drawing.boxes)
    assert lane < drawing.height
