"""When a host has its turns. The host is one that only has alarms."""

from __future__ import annotations

from typing import cast

from netlab.backends.sim.station import Station
from netlab.backends.sim.world import World
from netlab.stack.host import Host


class Alarms:
    """Due at these times, each once; a frame is sent at every one."""

    def __init__(self, world: World, *times: int) -> None:
        self.world = world
        self.times = list(times)
        self.rang: list[int] = []
        self.turns = 0
        self._frames: list[tuple[str, bytes]] = []

    def next_timeout(self) -> int | None:
        return min(self.times, default=None)

    def handle_timeout(self, now: int) -> None:
        due = min(self.times)
        assert due <= now
        self.times.remove(due)
        self.rang.append(now)
        self._frames.append(("eth0", b"frame"))

    def receive(self, now: int, interface: str, frame: bytes) -> None:
        self.times.append(now + int.from_bytes(frame, "big"))

    def frames_to_send(self, now: int) -> list[tuple[str, bytes]]:
        self.turns += 1
        frames, self._frames = self._frames, []
        return frames

    def next_event(self) -> None:
        return None


def station(world: World, *times: int) -> tuple[Station, Alarms, list[int]]:
    """It, its host, and when frames left."""
    host = Alarms(world, *times)
    left: list[int] = []
    ports = {"eth0": lambda _frame: left.append(world.now)}
    made = Station(world, 0, cast("Host", host), ports)
    return made, host, left


def test_each_timeout_is_handled_at_its_time_and_what_it_leads_to_leaves_then():
    world = World()
    made, host, left = station(world, 10, 20, 35)
    made.stirred()
    world.run(100)
    assert host.rang == left == [10, 20, 35]


def test_a_timeout_that_comes_nearer_is_handled_at_its_new_time():
    world = World()
    made, host, _ = station(world, 1000)
    made.stirred()
    world.run(10)
    made.receive("eth0", (5).to_bytes(1, "big"))
    world.run(2000)
    assert host.rang == [15, 1000]


def test_a_timeout_that_is_put_off_or_gone_is_not_handled_early():
    world = World()
    made, host, _ = station(world, 50)
    made.stirred()
    world.run(10)
    host.times[:] = [80]
    world.run(60)
    host.times.clear()
    made.stirred()
    world.run(2000)
    assert host.rang == []


def test_all_that_comes_at_one_instant_leads_to_one_turn():
    world = World()
    made, host, _ = station(world)
    for _ in range(5):
        world.at(10, lambda: made.receive("eth0", (50).to_bytes(1, "big")))
    world.run(20)
    assert host.turns == 1


def test_several_that_are_due_at_one_time_are_all_handled_then():
    world = World()
    made, host, _ = station(world, 10, 10, 10)
    made.stirred()
    world.run(10)
    assert host.rang == [10, 10, 10]


def test_what_comes_to_a_host_that_stands_still_is_received_when_it_goes_on():
    world = World()
    made, host, left = station(world, 20)
    made.stirred()
    made.freeze()
    for delay in (5, 7):
        made.receive("eth0", delay.to_bytes(1, "big"))
        made.freeze()  # it does so already
    world.run(100)
    assert host.turns == 0
    made.thaw()
    world.run(200)
    assert host.rang == left == [100, 105, 107]


def test_what_waits_for_a_host_that_stands_still_is_bounded():
    world = World()
    made, host, _ = station(world)
    for _ in range(2):
        made.freeze()
        for _ in range(5):
            made.receive("eth0", bytes(4 << 20))
        made.thaw()
        assert len(host.times) == 4
        host.times.clear()


def test_a_host_that_is_switched_off_neither_receives_nor_sends():
    world = World()
    made, host, left = station(world, 10, 20)
    made.stirred()
    world.run(15)
    made.switch_off()
    made.receive("eth0", bytes(1))
    made.stirred()
    world.run(100)
    assert host.times == [20]
    assert left == [10]
