"""A lab's hosts, routers and links in one world, made from its plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import BinaryIO

from netlab.backends.sim.capture import Capture
from netlab.backends.sim.link import PROPAGATION, Passage, Switch
from netlab.backends.sim.station import Send, Station
from netlab.backends.sim.world import World
from netlab.fabric.emulator.hit import Hit
from netlab.fabric.emulator.played import Played
from netlab.fabric.emulator.sequences import Sequences
from netlab.fabric.emulator.way import Way
from netlab.stack.api.programs import StackEvent
from netlab.stack.host import Host
from netlab.stack.ip.routes import Route
from netlab.stack.tcp.profile import LINUX
from netlab.stack.tcp.profile import Profile as System
from netlab.stack.units import SECOND
from netlab.topology.impairment import Fault, Impairment, Profile, stretch_name
from netlab.topology.plan import End, Interface, Link, LinkKind, Node, Plan
from netlab.wire.address import from_text

#: Hosts say at first which groups they are in; a lab begins when they have.
_WARM_UP = 10 * SECOND

#: Longer frames than the MTU and this are dropped by the interface they come to.
_ETHERNET_HEADER = 14


@dataclass(slots=True)
class Watcher:
    """Who is told of what happens: of a node's stack, and of a packet on a stretch's way."""

    event: Callable[[str, StackEvent], None] = lambda _node, _event: None
    hit: Callable[[str, str, Hit], None] = lambda _stretch, _way, _hit: None


class SimNetwork:
    """``stations`` by the node's name, ``stretches`` by theirs: the passages of both ways.

    The same plan, seed and commands give the same capture, byte for byte.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        capture: BinaryIO | None = None,
        watcher: Watcher | None = None,
        system: System = LINUX,
    ) -> None:
        """Hosts have their addresses and routes, and the capture begins.

        FilterError when a fault's expression is wrong.
        """
        self.plan = plan
        self.world = World()
        self.played = Played()
        self.stations: dict[str, Station] = {}
        self.stretches: dict[str, tuple[Passage, Passage]] = {}
        self._links: dict[str, list[Passage]] = {}
        self._dropped = 0
        self._watcher = watcher or Watcher()
        self._capture = Capture(self.world, capture) if capture else None
        self._interfaces = {End(n.name, i.name): i for n in plan.nodes for i in n.interfaces}
        self._numbers = self._described()
        for number, node in enumerate(plan.nodes):
            self._add(number, node, system)
        for link in plan.links:
            self._connect(link)
        self.world.run(_WARM_UP)
        if self._capture:
            self._capture.is_on = True

    # What a scenario does

    def begin(self) -> None:
        """Faults count the time of the scenario from now on."""
        self.played.began = self.world.now

    def happen(self, moment: str) -> None:
        """Nothing is held for this moment any more."""
        self.played.happened.add(moment)
        for passages in self.stretches.values():
            for passage in passages:
                passage.release(moment)

    def impair(self, stretch: str, profile: Profile, *, forward: bool) -> None:
        """One direction behaves otherwise from now on."""
        self._passage(stretch, forward=forward).change(profile)

    def add_fault(self, stretch: str, fault: Fault) -> None:
        """FilterError when its expression is wrong."""
        self._passage(stretch, forward=fault.forward).add(fault)

    def set_up(self, link: str, *, is_up: bool) -> None:
        """Plug in or unplug: what would arrive meanwhile is lost."""
        for passage in self._links[link]:
            passage.is_up = is_up

    def _passage(self, stretch: str, *, forward: bool) -> Passage:
        return self.stretches[stretch][0 if forward else 1]

    @property
    def dropped(self) -> int:
        """Frames that were longer than the MTU of the interface they came to."""
        return self._dropped

    def _described(self) -> dict[End, int]:
        """Where the capture has each interface."""
        if self._capture is None:
            return {}
        return {end: self._capture.add(end.node, end.interface) for end in self._interfaces}

    # Hosts

    def _add(self, number: int, node: Node, system: System) -> None:
        chance = Random(f"{self.plan.seed}/{node.name}")  # noqa: S311 - to be repeated
        host = Host(chance, is_router=node.forwards, profile=system)
        observe = partial(self._watcher.event, node.name)
        station = Station(self.world, number, host, observe=observe)
        self.stations[node.name] = station
        for interface in node.interfaces:
            _configure(host, interface)
        for route in node.routes:
            network = route.destination
            prefix, length = network.network_address.packed, network.prefixlen
            gateway = from_text(route.via)
            host.ip.add_route(0, Route(prefix, length, route.interface, gateway=gateway))
        station.stirred()

    # Links

    def _connect(self, link: Link) -> None:
        self._links[link.name] = []
        if link.kind is LinkKind.POINT_TO_POINT:
            left, right = link.ends
            impairment = link.impairments[0] if link.impairments else None
            from_left, from_right = self._stretch(
                link, impairment, self._entrance(left), self._entrance(right), PROPAGATION
            )
            self._exit(left, from_left)
            self._exit(right, from_right)
            return
        switch = Switch()
        for end in link.ends:
            self._join(link, switch, end)

    def _join(self, link: Link, switch: Switch, end: End) -> None:
        impairment = next((i for i in link.impairments if i.end == str(end)), None)
        port = switch.add_port()
        inwards, outwards = self._stretch(
            link, impairment, self._entrance(end), port.receive, PROPAGATION // 2
        )
        port.connect(outwards.send)
        self._exit(end, inwards)

    def _stretch(
        self, link: Link, impairment: Impairment | None, left: Send, right: Send, delay: int
    ) -> tuple[Passage, Passage]:
        """Both ways of a cable: from the left to ``right``, and from the right to ``left``."""
        forward, backward = self._ways(link, impairment)
        passages = (
            Passage(self.world, right, forward, delay=delay),
            Passage(self.world, left, backward, delay=delay),
        )
        self._links[link.name] += passages
        if impairment is not None:
            self.stretches[stretch_name(link.name, impairment.end)] = passages
        return passages

    def _ways(self, link: Link, impairment: Impairment | None) -> tuple[Way | None, Way | None]:
        if impairment is None:
            return None, None
        name = stretch_name(link.name, impairment.end)
        sequences = Sequences()
        mtu = max(self._interfaces[end].mtu for end in link.ends)

        def way(which: str) -> Way:
            is_forward = which == "forward"
            return Way(
                f"{self.plan.seed}/{name}/{which}",
                impairment.forward if is_forward else impairment.backward,
                [fault for fault in impairment.faults if fault.forward is is_forward],
                mtu=mtu,
                played=self.played,
                sequences=sequences,
                on_hit=partial(self._watcher.hit, name, which),
            )

        return way("forward"), way("backward")

    def _exit(self, end: End, passage: Passage) -> None:
        """Frames that an interface sends."""
        self.stations[end.node].ports[end.interface] = self._watched(
            end, passage.send, outbound=True
        )

    def _entrance(self, end: End) -> Send:
        """Frames that come to an interface."""
        receive = partial(self.stations[end.node].receive, end.interface)
        most = self._interfaces[end].mtu + _ETHERNET_HEADER

        def take(frame: bytes) -> None:
            if len(frame) > most:
                self._dropped += 1
            else:
                receive(frame)

        return self._watched(end, take, outbound=False)

    def _watched(self, end: End, send: Send, *, outbound: bool) -> Send:
        capture = self._capture
        if capture is None:
            return send
        number = self._numbers[end]

        def note(frame: bytes) -> None:
            capture.note(number, frame, outbound=outbound)
            send(frame)

        return note


def _configure(host: Host, interface: Interface) -> None:
    host.ip.add_interface(0, interface.name, from_text(interface.mac), interface.mtu)
    for address in interface.addresses:
        if address.version == 4 or interface.has_ipv6:
            length = address.network.prefixlen
            host.ip.add_address(0, interface.name, address.packed, length)
