"""Which moments an event is, such as ``first established`` or ``p exited``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netlab.collect.events import Event
from netlab.topology.steps import NODE_EVENTS, Moment

_OF_OPERATION = {
    "connect": ("established",),
    "open": ("opened",),
    "send": ("sent",),
    "receive": ("received",),
    "request": ("sent", "received"),
    "shutdown": ("shutdown",),
    "close": ("closed",),
    "reset": ("closed",),
    "transfer": ("sent", "shutdown", "received"),
    "fill": ("sent",),
    "set": (),
    "many": (),
    "flood": (),
    "receive-datagram": ("received",),
}


def moments(event: Event) -> tuple[Moment, ...]:
    """The moments that ``event`` is, for the name it carries."""
    find = _OF_KIND.get(event.kind)
    return tuple(find(event)) if find else ()


def _of_process(event: Event) -> Iterator[Moment]:
    if event.data["status"] in {"started", "exited"}:
        yield Moment(event.data["process"], event.data["status"])


def _of_program(event: Event) -> Iterator[Moment]:
    if event.conn is not None:
        yield Moment(event.conn, "exited")
        yield Moment(event.conn, "done")


def _of_operation(event: Event) -> Iterator[Moment]:
    if event.conn is None or "index" in event.data:  # one of many is not what they all reached
        return
    for happened in _reached(event):
        yield Moment(event.conn, happened)


def _reached(event: Event) -> tuple[str, ...]:
    if event.data["status"] != "ok":
        return ("failed",)
    if event.data.get("stage") == "connected":
        return ("established",)
    if event.data.get("nothing"):
        return ("done",)
    return (*_OF_OPERATION.get(event.data["op"], ()), "done")


def _of_node(event: Event) -> Iterator[Moment]:
    """That a node is ready is a moment only when it starts again: at first, all of them are."""
    status = event.data["status"]
    is_first_start = status == "ready" and not event.data.get("restarts")
    if event.node is not None and status in NODE_EVENTS and not is_first_start:
        yield Moment(event.node, status)


_OF_KIND: dict[str, Callable[[Event], Iterator[Moment]]] = {
    "process": _of_process,
    "program": _of_program,
    "op": _of_operation,
    "node": _of_node,
}
