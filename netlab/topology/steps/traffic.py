"""Much at once: transfers, full buffers, many connections, floods."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.options import SocketOptions
from netlab.topology.steps.base import NodeStep
from netlab.topology.steps.sockets import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(NodeStep):
    """Send ``size`` bytes and FIN over ``name``, and read what comes back to its end."""

    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill(NodeStep):
    """Write ``by`` bytes at once, without waiting, until the kernel takes no more."""

    name: str
    by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Many(NodeStep):
    """Open ``count`` connections, ``rate`` a second (None: at once), each for itself.

    Each sends ``payload`` and reads ``reply`` bytes ``times`` times, then stays for ``hold`` s.
    ``patience`` is how long opening one, or one exchange, may take.
    """

    name: str
    host: str
    address: str
    port: int
    count: int
    payload: Payload | None
    reply: int
    times: int
    hold: float
    rate: float | None
    patience: float
    options: SocketOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood(NodeStep):
    """Send ``count`` SYNs, ``rate`` a second (None: at once), from addresses of ``sources``."""

    name: str
    address: str
    port: int
    count: int
    sources: str
    rate: float | None
