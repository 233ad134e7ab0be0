"""A lab's hosts, routers and links in one world, made from its plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from netlab.agent.userspace.configuring import configure, make_host
from netlab.backends.sim.cabling import Cabling
from netlab.backends.sim.capture import Capture, Output
from netlab.backends.sim.clock import COMING_UP
from netlab.backends.sim.link import Passage
from netlab.backends.sim.station import Station
from netlab.backends.sim.world import World
from netlab.errors import NodeError
from netlab.fabric.configuration import InterfaceSettings, configuration
from netlab.fabric.emulator.hit import Hit
from netlab.stack.api.programs import StackEvent
from netlab.stack.tcp.profile import LINUX
from netlab.stack.tcp.profile import Profile as System
from netlab.topology.impairment import Fault, Profile
from netlab.topology.plan import End, Node, Plan
from netlab.wire.address import from_text


@dataclass(slots=True)
class Watcher:
    """Who is told of what happens: of a node's stack, and of a packet on a stretch's way."""

    event: Callable[[str, StackEvent], None] = lambda _node, _event: None
    hit: Callable[[str, str, Hit], None] = lambda _stretch, _way, _hit: None


class SimNetwork:
    """``stations`` by the node's name: those that started last. ``links`` are what is between them.

    The same plan, seed and commands give the same capture, byte for byte.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        world: World | None = None,
        capture: Output | None = None,
        watcher: Watcher | None = None,
        system: System = LINUX,
    ) -> None:
        """Hosts have their addresses and routes, and the capture begins.

        FilterError when a fault's expression is wrong; NodeError when a host cannot be as the plan
        has it.
        """
        self.plan = plan
        self.world = World() if world is None else world
        self.stations: dict[str, Station] = {}
        self.capture = Capture(self.world, capture) if capture else None
        self._watcher = watcher or Watcher()
        self._system = system
        self._places = {node.name: number for number, node in enumerate(plan.nodes)}
        self._starts = dict.fromkeys(self._places, 0)
        #: What the nodes have now: those who change a host change it here.
        self.configurations = {node.name: configuration(node) for node in plan.nodes}
        self.links = Cabling(self.world, plan, self.capture, self._deliver, self._watcher.hit)
        for node in plan.nodes:
            self._start(node)
        self.world.run(COMING_UP)
        if self.capture:
            self.capture.is_on = True

    # What a scenario does to links

    def begin(self) -> None:
        """Faults count the time of the scenario from now on."""
        self.links.played.began = self.world.now

    def happen(self, moment: str) -> None:
        """Nothing is held for this moment any more."""
        self.links.played.happened.add(moment)
        for cable in self.links.stretches.values():
            for passage in cable.passages:
                passage.release(moment)

    def impair(self, stretch: str, profile: Profile, *, forward: bool) -> None:
        """One direction behaves otherwise from now on."""
        self.passage(stretch, forward=forward).change(profile)

    def add_fault(self, stretch: str, fault: Fault) -> None:
        """FilterError when its expression is wrong."""
        self.passage(stretch, forward=fault.forward).add(fault)

    def set_up(self, link: str, *, is_up: bool) -> None:
        """Plug in or unplug: what would arrive meanwhile is lost."""
        for end in next(each for each in self.plan.links if each.name == link).ends:
            self.links.switch(end, is_up=is_up)

    def passage(self, stretch: str, *, forward: bool) -> Passage:
        return self.links.stretches[stretch].passages[0 if forward else 1]

    # What it does to hosts

    def restart(self, node: str) -> Station:
        """A new host with what the node has now, its interfaces down: it has said nothing yet."""
        station, now = self._start(self.plan.node(node)), self.world.now
        for interface in station.host.ip.interfaces:
            station.host.ip.set_up(now, interface, is_up=False)
        station.host.frames_to_send(now)
        return station

    def _start(self, node: Node) -> Station:
        name, wanted = node.name, self.configurations[node.name]
        times = self._starts[name] = self._starts[name] + 1
        again = f"/{times}" if times > 1 else ""
        try:
            host = make_host(
                wanted,
                is_router=node.forwards,
                seed=f"{self.plan.seed}/{name}{again}",
                profile=self._system,
            )
        except OSError as error:
            raise NodeError(f"its stack does not start: {error.strerror}", where=name) from error
        station = self.stations[name] = Station(
            self.world,
            self._places[name],
            host,
            self.links.exits[name],
            observe=partial(self._watcher.event, name),
        )
        now = self.world.now

        def add_interface(settings: InterfaceSettings) -> None:
            host.ip.add_interface(now, settings.name, from_text(settings.mac), settings.mtu)

        configure(host, now, wanted, add_interface)
        station.stirred()
        return station

    def _deliver(self, end: End, frame: bytes) -> None:
        self.stations[end.node].receive(end.interface, frame)
