"""Programs that wait in their calls, on two hosts in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

from netlab import clock
from netlab.agent.userspace.blocking.installed import installed
from netlab.agent.userspace.blocking.names import Names
from netlab.agent.userspace.blocking.process import Process
from netlab.backends.sim.clock import WorldClock
from netlab.testing.worlds import SERVER, SERVER_V6, Two, two_hosts
from netlab.topology.impairment import Impairment, Profile

_Result = TypeVar("_Result")

_TABLE = {"server": (SERVER, SERVER_V6), "c1": ("10.0.0.2", "fd00::2"), "server6": (SERVER_V6,)}

#: Seconds of virtual time.
_ENOUGH = 3600
#: Both ways; what is lost and comes late is decided by the seed.
LOSSY = Impairment(
    forward=Profile(delay=0.02, loss=0.05, reorder=0.02),
    backward=Profile(delay=0.02, loss=0.05, reorder=0.02),
)


def names(own: str) -> Names:
    return Names(_TABLE, own=own)


async def both(two: Two, serve: Callable[[], object] | None, ask: Callable[[], _Result]) -> _Result:
    """What ``ask`` on ``c1`` returns, while ``serve`` runs on ``server``; it begins earlier."""
    if serve is None:
        return await Process(two.client, names("c1"), in_turn=True).run(ask)
    serving = asyncio.create_task(Process(two.server, names("server"), in_turn=True).run(serve))
    await asyncio.sleep(1)
    asking = asyncio.create_task(Process(two.client, names("c1"), in_turn=True).run(ask))
    async with asyncio.timeout(_ENOUGH):
        await asyncio.wait([serving, asking], return_when=asyncio.FIRST_COMPLETED)
        if serving.done() and not asking.done():
            serving.result()  # it may have failed
        return await asking


def play(
    ask: Callable[[], _Result],
    serve: Callable[[], object] | None = None,
    *,
    impairment: Impairment | None = None,
    seed: int = 0,
    also: tuple[ModuleType, ...] = (),
    two: Two | None = None,
) -> _Result:
    """As ``both``, with the modules that programs use, and ``also``, ``installed``."""
    hosts = two or two_hosts(impairment, seed=seed)
    with installed(*also), clock.of(WorldClock(hosts.network.world)):
        return hosts.play(lambda two: both(two, serve, ask))
