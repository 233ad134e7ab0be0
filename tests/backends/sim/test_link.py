from __future__ import annotations

from netlab.backends.sim.link import PROPAGATION, Passage, Switch
from netlab.backends.sim.world import World
from netlab.fabric.emulator.way import Way
from netlab.stack.units import MILLISECOND, SECOND
from netlab.topology.impairment import CLEAR, Profile

A, B, C = (bytes((2, 0, 0, 0, 0, number)) for number in (1, 2, 3))
ALL = b"\xff" * 6


def frame(to: bytes, origin: bytes = A) -> bytes:
    return to + origin + b"\x08\x00" + bytes(100)


class Heard:
    """Frames that came, with their times."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.frames: list[bytes] = []
        self.times: list[int] = []

    def __call__(self, data: bytes) -> None:
        self.frames.append(data)
        self.times.append(self.world.now)


def test_frames_keep_their_order_and_take_their_time():
    world = World()
    heard = Heard(world)
    cable = Passage(world, heard)
    cable.send(frame(B))
    cable.send(frame(C))
    world.run(SECOND)
    assert heard.frames == [frame(B), frame(C)]
    assert heard.times == [PROPAGATION] * 2


def test_an_impaired_cable_does_what_its_way_says():
    world = World()
    heard = Heard(world)
    profile = Profile(delay=0.01, rate=1_000_000.0)
    cable = Passage(world, heard, Way("1", profile))
    cable.send(frame(B))
    cable.send(frame(B))
    world.run(SECOND)
    first, second = heard.times
    assert first >= 10 * MILLISECOND + PROPAGATION
    assert second - first == len(frame(B)) * 8 * 1000  # ns a bit at 1 Mbit/s
    assert cable.way is not None
    assert (cable.way.tally.passed, cable.way.tally.bytes) == (2, 2 * len(frame(B)))


def test_a_way_that_is_changed_is_felt_by_the_next_frame():
    world = World()
    heard = Heard(world)
    way = Way("1", CLEAR)
    cable = Passage(world, heard, way)
    cable.send(frame(B))
    world.run(SECOND)
    cable.change(Profile(loss=1.0))
    cable.send(frame(B))
    world.run(2 * SECOND)
    assert len(heard.frames) == 1
    assert way.tally.lost == 1


def test_what_is_under_way_when_the_cable_is_cut_is_lost():
    world = World()
    heard = Heard(world)
    cable = Passage(world, heard)
    cable.send(frame(B))
    cable.is_up = False
    world.run(SECOND)
    cable.send(frame(B))
    cable.is_up = True
    world.run(2 * SECOND)
    assert heard.frames == []


def test_a_switch_floods_until_it_has_learnt():
    world = World()
    heard = [Heard(world) for _ in range(3)]
    switch = Switch()
    ports = [switch.add_port() for _ in heard]
    for port, send in zip(ports, heard, strict=True):
        port.connect(send)

    ports[0].receive(frame(B, A))
    assert [len(each.frames) for each in heard] == [0, 1, 1]
    ports[1].receive(frame(A, B))
    assert [len(each.frames) for each in heard] == [1, 1, 1]
    ports[0].receive(frame(B, A))
    assert [len(each.frames) for each in heard] == [1, 2, 1]
    ports[2].receive(frame(ALL, C))
    assert [len(each.frames) for each in heard] == [2, 3, 1]


def test_a_switch_does_not_send_back_where_it_came_from():
    heard = Heard(World())
    switch = Switch()
    port = switch.add_port()
    port.connect(heard)
    port.receive(frame(ALL, A))
    port.receive(frame(A, B))
    assert heard.frames == []
