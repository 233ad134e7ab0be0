"""Socket tables at their moments, in the book's ``{local, foreign}`` notation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netlab.collect.events import Event


@dataclass(frozen=True, slots=True)
class Socket:
    """``pair`` is such as ``{12.106.32.254:21, 206.168.112.219:1500}``."""

    transport: str
    pair: str
    state: str
    program: str


@dataclass(frozen=True, slots=True)
class Table:
    """``moment`` is the scenario's, such as ``first established``, or ``the end``."""

    t: int
    node: str
    moment: str
    sockets: tuple[Socket, ...]


def tables(events: Iterable[Event]) -> Iterator[Table]:
    for event in events:
        if event.kind == "sockets":
            listed = event.data.get("sockets") or ()
            moment = str(event.data.get("moment") or "the end")
            yield Table(event.t, event.node or "", moment, tuple(map(_socket, listed)))


def _socket(listed: dict[str, object]) -> Socket:
    program = str(listed.get("program") or "")
    pid = listed.get("pid")
    return Socket(
        transport=str(listed.get("transport", "")),
        pair=f"{{{listed.get('local', '*:*')}, {listed.get('foreign', '*:*')}}}",
        state=str(listed.get("state") or ""),
        program=program if pid is None else f"{program} (pid {pid})".lstrip(),
    )
