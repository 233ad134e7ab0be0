"""What the programs at both ends of a connection did, for the edges of its ladder."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from netlab.analyse.model import Connection
from netlab.collect.events import Event
from netlab.report import wording


@dataclass(frozen=True, slots=True)
class Call:
    """A system call begins or ends, or a service does something, at one end of a connection."""

    t: int
    at_client: bool
    text: str


_SERVED = {"accepted": "accept returns", "served": "served", "failed": "service failed"}


def calls(connection: Connection, events: Iterable[Event]) -> tuple[Call, ...]:
    """In time order. A call during which a packet arrived shows as it begins and as it returns."""
    arrivals = _arrivals(connection, at_client=False), _arrivals(connection, at_client=True)
    found: list[Call] = []
    served: list[Event] = []
    for event in events:
        if event.kind == "op" and event.conn in connection.names:
            at_client = event.node != connection.server.endpoint.node
            found.extend(_operation(event, arrivals[at_client], at_client=at_client))
        elif _serves(connection, event):
            served.append(event)
    found += [
        Call(event.t, at_client=False, text=_SERVED[event.data["status"]])
        for event in _of_one_life(connection, served)
    ]
    return tuple(sorted(found, key=lambda call: call.t))


def _arrivals(connection: Connection, *, at_client: bool) -> list[int]:
    return sorted(
        arrow.transit.received.t
        for arrow in connection.arrows
        if arrow.forward is not at_client and arrow.transit.received
    )


def _of_one_life(connection: Connection, events: Iterable[Event]) -> Iterator[Event]:
    """Those of this connection, whose pair of sockets may have been others before and after."""
    began = [(event.t - int(event.data.get("took") or 0), event) for event in events]
    since = connection.t
    others = (t for t, event in began if event.data["status"] == "accepted" and t >= since)
    next(others, None)
    until = next(others, float("inf"))
    return (event for t, event in began if since <= t < until)


def _serves(connection: Connection, event: Event) -> bool:
    server = connection.server.endpoint
    return (
        event.kind == "service"
        and connection.transport == "tcp"
        and event.data.get("status") in _SERVED
        and event.node == server.node
        and event.data.get("local", wording.endpoint(server)) == wording.endpoint(server)
        and event.data.get("foreign") == wording.endpoint(connection.client.endpoint)
    )


def _amount(event: Event) -> str:
    octets = event.data.get("bytes")
    if octets is None:
        return ""
    of = f" of {event.data.get('length')}" if event.data.get("truncated") else ""
    return f" {octets}{of} bytes"


def _operation(event: Event, arrivals: Sequence[int], *, at_client: bool) -> Iterator[Call]:
    operation = str(event.data.get("op", "call")).removesuffix("-datagram")
    amount = _amount(event)
    began = event.t - int(event.data.get("took") or 0)
    waited = bisect_left(arrivals, began) < bisect_right(arrivals, event.t)
    if event.data.get("status") == "error":
        yield Call(event.t, at_client, f"{operation} fails: {event.data.get('errno') or 'error'}")
    elif event.data.get("nothing"):
        yield Call(event.t, at_client, "nothing has come")
    elif waited:
        yield Call(began, at_client, operation)
        yield Call(event.t, at_client, f"{operation} returns{amount}")
    else:
        yield Call(began, at_client, operation + amount)
