"""Two hosts of the userspace stack in a world of virtual time, and programs on them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from netlab.backends.sim.loop import play
from netlab.backends.sim.network import SimNetwork, Watcher
from netlab.stack.api.programs import Programs, StackEvent
from netlab.stack.api.stream import StackStream
from netlab.stack.tcp.profile import LINUX, Profile
from netlab.stack.tcp.settings import DEFAULT, Settings
from netlab.testing import impaired, plans
from netlab.topology.impairment import Impairment

_Result = TypeVar("_Result")

SERVER, SERVER_V6 = "10.0.0.1", "fd00::1"


@dataclass
class Two:
    """``client`` (10.0.0.2) and ``server`` (10.0.0.1) on one link; ``events`` are the node's."""

    network: SimNetwork
    events: list[tuple[str, StackEvent]] = field(default_factory=list)

    @property
    def client(self) -> Programs:
        return self.network.stations["c1"].programs

    @property
    def server(self) -> Programs:
        return self.network.stations["server"].programs

    @property
    def now(self) -> int:
        return self.network.world.now

    def play(self, story: Callable[[Two], Awaitable[_Result]]) -> _Result:
        async def told() -> _Result:
            return await story(self)

        return play(self.network.world, told())

    async def connected(
        self, *, port: int = 7, settings: Settings = DEFAULT, server: Settings = DEFAULT
    ) -> tuple[StackStream, StackStream]:
        """Both ends of a new connection, the client's first."""
        listener = self.server.listen((SERVER, port), settings=server)
        stream = await self.client.connect((SERVER, port), settings=settings)
        accepted = await listener.accept()
        listener.close()
        return stream, accepted


def two_hosts(
    impairment: Impairment | None = None, *, seed: int = 0, profile: Profile = LINUX
) -> Two:
    plan = impaired.cable(impairment) if impairment else plans.two_hosts()
    events: list[tuple[str, StackEvent]] = []
    watcher = Watcher(event=lambda node, event: events.append((node, event)))
    network = SimNetwork(replace(plan, seed=seed), watcher=watcher, system=profile)
    return Two(network, events)
