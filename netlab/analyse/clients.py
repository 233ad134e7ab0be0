"""What the clients of each TCP service got: how long they waited, and how much came through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from netlab.collect.events import Event
from netlab.topology.plan import Plan

#: Both ends of a connection, the client's first, as events write them.
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ServiceClients:
    """Times are nanoseconds; rates are per second of the time that the service had clients."""

    node: str
    service: str
    model: str
    clients: int
    most_at_once: int
    servers: int  # processes and threads that served them
    requests: int
    median_request: int | None
    longest_request: int | None
    request_rate: float | None
    byte_rate: float | None  # of both ways


@dataclass(frozen=True, slots=True)
class Transfer:
    """``intact``: the peer has what was sent, by its digest; None when nobody can tell."""

    name: str
    node: str
    size: int
    took: int
    goodput: int
    intact: bool | None


@dataclass(slots=True)
class _Gathered:
    accepted: list[int] = field(default_factory=list)
    served: list[int] = field(default_factory=list)
    servers: set[tuple[int, int]] = field(default_factory=set)
    octets: int = 0
    requests: list[tuple[int, int]] = field(default_factory=list)  # end, took


def clients_by_service(plan: Plan, events: Sequence[Event]) -> tuple[ServiceClients, ...]:
    """In the order of the plan; services that nobody connected to are left out."""
    gathered: dict[tuple[str, str], _Gathered] = {}
    owners: dict[Pair, _Gathered] = {}
    for event in events:
        if event.kind == "service" and event.data.get("status") in {"accepted", "served"}:
            key = (event.node or "", str(event.data["service"]))
            of = gathered.setdefault(key, _Gathered())
            owners[_server_pair(event)] = of
            _gather(of, event)
    for pair, event in _requests(events):
        if owner := owners.get(pair):
            times = int(event.data.get("times") or 1)
            took = int(event.data["took"]) // times
            owner.requests.extend((event.t, took) for _ in range(times))
    return tuple(
        _told(
            node.name, service.name, service.model_on(node.stack), gathered[node.name, service.name]
        )
        for node in plan.nodes
        for service in node.services
        if (node.name, service.name) in gathered
    )


def transfers(events: Sequence[Event]) -> Iterator[Transfer]:
    """Those that came to their end."""
    served = {
        _server_pair(event): event
        for event in events
        if event.kind == "service" and event.data.get("status") == "served"
    }
    pairs = dict(_connected(events))
    for event in events:
        data = event.data
        if _is_done(event, "transfer") and "sent_sha256" in data:
            end = served.get(pairs.get((event.conn, None), ("", "")))
            intact = end.data["received_sha256"] == data["sent_sha256"] if end else None
            size, took, goodput = data["bytes"], data["took"], data["goodput"]
            yield Transfer(event.conn or "", event.node or "", size, took, goodput, intact)


def _server_pair(event: Event) -> Pair:
    return str(event.data["foreign"]), str(event.data["local"])


def _is_done(event: Event, operation: str) -> bool:
    data = event.data
    return event.kind == "op" and data.get("op") == operation and data.get("status") == "ok"


def _connected(events: Sequence[Event]) -> Iterator[tuple[tuple[str | None, int | None], Pair]]:
    """Each connection by its name and, of many, its index."""
    for event in events:
        data = event.data
        if event.kind == "op" and data["op"] == "connect" and "foreign" in data:
            yield (event.conn, data.get("index")), (str(data["local"]), str(data["foreign"]))


def _requests(events: Sequence[Event]) -> Iterator[tuple[Pair, Event]]:
    pairs = dict(_connected(events))
    for event in events:
        data = event.data
        if _is_done(event, "request"):
            pair = pairs.get((event.conn, data.get("index")))
            if pair is not None:
                yield pair, event


def _gather(of: _Gathered, event: Event) -> None:
    of.servers.add((int(event.data.get("pid") or 0), int(event.data.get("thread") or 0)))
    if event.data["status"] == "accepted":
        of.accepted.append(event.t)
    else:
        of.served.append(event.t)
        of.octets += int(event.data.get("sent") or 0) + int(event.data.get("received") or 0)


def _told(node: str, service: str, model: str, of: _Gathered) -> ServiceClients:
    took = [took for _, took in of.requests]
    span = (max(of.served) - min(of.accepted)) / 1e9 if of.served and of.accepted else 0.0
    return ServiceClients(
        node=node,
        service=service,
        model=model,
        clients=len(of.accepted),
        most_at_once=_most_at_once(of),
        servers=len(of.servers),
        requests=len(took),
        median_request=round(median(took)) if took else None,
        longest_request=max(took, default=None),
        request_rate=_request_rate(of.requests),
        byte_rate=of.octets / span if span else None,
    )


def _request_rate(requests: Sequence[tuple[int, int]]) -> float | None:
    """Of the time from the first request's begin to the last one's end."""
    if not requests:
        return None
    span = max(end for end, _ in requests) - min(end - took for end, took in requests)
    return len(requests) * 1e9 / span if span > 0 else None


def _most_at_once(of: _Gathered) -> int:
    steps = sorted([(t, 1) for t in of.accepted] + [(t, -1) for t in of.served])
    most = now = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most
