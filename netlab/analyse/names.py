"""What the scenario calls the sockets whose packets were seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from netlab.analyse.headers import SocketPair
from netlab.analyse.places import Places
from netlab.collect.events import Event
from netlab.topology.plan import Plan
from netlab.topology.steps import Connect, Many, Open, every_step
from netlab.wire.address import from_text

#: Packets are stamped by the kernel, operations by a program that may have to wait for its turn.
SLACK = 100_000_000


@dataclass(frozen=True, slots=True)
class NamedSocket:
    """A client's socket, made between ``start`` and ``end``.

    Addresses are None for ``*``, ports 0; ``foreign_port`` is 0 for an unconnected socket.
    ``transport`` is None when the plan does not know the name.
    """

    name: str
    node: str | None
    transport: str | None
    start: int
    end: int
    local: bytes | None
    local_port: int
    foreign: bytes | None
    foreign_port: int

    def is_source_of(self, pair: SocketPair, places: Places) -> bool:
        """Whether a packet with ``pair`` may have left this socket."""
        if self.transport not in {None, pair.transport}:
            return False
        if self.local_port not in {0, pair.source_port}:
            return False
        if self.local not in {None, pair.source} or places.owner(pair.source) != self.node:
            return False
        if self.foreign_port == 0:
            return self.local_port != 0
        return (self.foreign, self.foreign_port) == (pair.destination, pair.destination_port)


def named_sockets(plan: Plan, events: Iterable[Event]) -> tuple[NamedSocket, ...]:
    """The sockets of all ``connect`` and ``open`` operations, in the order they began."""
    makers = Connect | Open | Many
    steps = {step.name: step for step in every_step(plan.steps) if isinstance(step, makers)}
    found = [
        _named(event, steps.get(event.conn))
        for event in events
        if event.kind == "op" and event.conn and event.data.get("op") in {"connect", "open"}
    ]
    return tuple(sorted(found, key=lambda socket: socket.start))


def endpoint(text: str | None) -> tuple[bytes | None, int]:
    """The address and port of ``10.0.0.1:7``, ``[fd00::1]:7`` or ``*:7``; None and 0 for ``*``."""
    if not text:
        return None, 0
    host, _, port = text.rpartition(":")
    number = int(port) if port.isdigit() else 0
    if host in {"", "*"}:
        return None, number
    raw = from_text(host.strip("[]"))
    return (raw if any(raw) else None), number


def _named(event: Event, step: Connect | Open | Many | None) -> NamedSocket:
    """What the event does not tell, as when a connect failed, the plan has asked for."""
    local, local_port = endpoint(event.data.get("local"))
    foreign, foreign_port = endpoint(event.data.get("foreign"))
    if isinstance(step, Connect | Open) and not event.data.get("local"):
        local = from_text(step.local_address) if step.local_address else None
        local_port = step.local_port or 0
    if isinstance(step, Connect | Many) and not event.data.get("foreign"):
        foreign, foreign_port = from_text(step.address), step.port
    return NamedSocket(
        name=_name(event),
        node=event.node,
        transport=_transport(step),
        start=event.t - event.data.get("took", 0),
        end=event.t,
        local=local,
        local_port=local_port,
        foreign=foreign,
        foreign_port=foreign_port,
    )


def _name(event: Event) -> str:
    """Of many connections that one step opened, each is called ``crowd.17``."""
    index = event.data.get("index")
    return f"{event.conn}.{index}" if index is not None else event.conn or ""


def _transport(step: Connect | Open | Many | None) -> str | None:
    if isinstance(step, Open):
        return "udp"
    if isinstance(step, Many):
        return "tcp"
    return step.transport if step else None
