"""Two interfaces of the fabric and the two ways between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netlab.fabric.emulator.hit import Hit
from netlab.fabric.emulator.lane import Lane
from netlab.fabric.emulator.played import Played
from netlab.fabric.emulator.port import Port
from netlab.fabric.emulator.sequences import Sequences
from netlab.fabric.emulator.way import Way
from netlab.topology.impairment import Fault, Profile

WAYS = ("forward", "backward")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stretch as it is asked for; ``left`` and ``right`` are interfaces."""

    name: str
    link: str
    left: str
    right: str
    seed: str
    forward: Profile
    backward: Profile
    faults: tuple[Fault, ...] = ()


class Stretch:
    def __init__(
        self,
        wanted: Wanted,
        ports: tuple[Port, Port],
        played: Played,
        on_hit: Callable[[Wanted, str, Hit], None],
    ) -> None:
        """FilterError when a fault's expression is wrong."""
        self.wanted = wanted
        self.ports = ports
        self._sequences = Sequences()
        self.lanes = {
            name: self._lane(name, profile, played, on_hit)
            for name, profile in zip(WAYS, (wanted.forward, wanted.backward), strict=True)
        }

    def _lane(
        self,
        name: str,
        profile: Profile,
        played: Played,
        on_hit: Callable[[Wanted, str, Hit], None],
    ) -> Lane:
        wanted, is_forward = self.wanted, name == "forward"
        way = Way(
            f"{wanted.seed}/{name}",
            profile,
            [fault for fault in wanted.faults if fault.forward is is_forward],
            mtu=min(port.mtu for port in self.ports),
            played=played,
            sequences=self._sequences,
            on_hit=lambda hit: on_hit(wanted, name, hit),
        )
        source, target = self.ports if is_forward else self.ports[::-1]
        return Lane(source, target, way, self._sequences)
