"""Two interfaces of the fabric and the two ways between them."""

from __future__ import annotations

from collections.abc import Callable

from netlab.clock import Clock
from netlab.fabric.emulator.hit import Hit
from netlab.fabric.emulator.lane import Lane
from netlab.fabric.emulator.played import Played
from netlab.fabric.emulator.port import Port
from netlab.fabric.emulator.sequences import Sequences
from netlab.fabric.emulator.wanted import Wanted
from netlab.fabric.emulator.way import Way


class Stretch:
    def __init__(
        self,
        wanted: Wanted,
        ports: tuple[Port, Port],
        played: Played,
        clock: Clock,
        on_hit: Callable[[Wanted, str, Hit], None],
    ) -> None:
        """FilterError when a fault's expression is wrong."""
        self.wanted = wanted
        self.ports = ports
        left, right = ports
        sequences = Sequences()

        def lane(name: str, source: Port, target: Port) -> Lane:
            way = Way(
                f"{wanted.seed}/{name}",
                wanted.forward if name == "forward" else wanted.backward,
                [fault for fault in wanted.faults if fault.forward is (name == "forward")],
                mtu=min(left.mtu, right.mtu),
                played=played,
                sequences=sequences,
                on_hit=lambda hit: on_hit(wanted, name, hit),
            )
            return Lane(source, target, way, clock)

        self.lanes = {
            "forward": lane("forward", left, right),
            "backward": lane("backward", right, left),
        }
