"""Which moments an event is, such as ``first established`` or ``p exited``."""

from __future__ import annotations

from netlab.collect.events import Event
from netlab.topology.steps import Moment

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
    if event.kind == "process" and event.data["status"] == "exited":
        return (Moment(event.data["process"], "exited"),)
    if event.conn is None:
        return ()
    if event.kind == "program":
        return (Moment(event.conn, "exited"), Moment(event.conn, "done"))
    if event.kind != "op" or "index" in event.data:  # one of many is not what they all reached
        return ()
    return tuple(Moment(event.conn, name) for name in _reached(event))


def _reached(event: Event) -> tuple[str, ...]:
    if event.data["status"] != "ok":
        return ("failed",)
    if event.data.get("stage") == "connected":
        return ("established",)
    if event.data.get("nothing"):
        return ("done",)
    return (*_OF_OPERATION.get(event.data["op"], ()), "done")
