"""The one event format: everything observed in a run, one JSON object a line in ``events.jsonl``.

``t`` is nanoseconds since the run's epoch; the first event is always ``run`` and carries that
epoch. docs/events.md lists the kinds and their data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

VERSION = 1

#: What some readers take for the end of a line, and lone surrogates, which have no UTF-8 form.
_NOT_IN_A_LINE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Event:
    """``conn`` is the scenario's name of a connection, socket or program, if the event has one."""

    t: int
    kind: str
    node: str | None = None
    conn: str | None = None
    data: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        record: dict[str, Any] = {"t": self.t, "kind": self.kind}
        if self.node is not None:
            record["node"] = self.node
        if self.conn is not None:
            record["conn"] = self.conn
        text = json.dumps(record | self.data, ensure_ascii=False, separators=(",", ":"))
        return _NOT_IN_A_LINE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def of_message(fields: dict[str, Any], *, epoch: int) -> Event:
    """What a node tells: ``t`` and ``epoch`` are ns since 1970."""
    data = dict(fields)
    return Event(
        t=data.pop("t") - epoch,
        kind=data.pop("kind"),
        node=data.pop("node", None),
        conn=data.pop("conn", None),
        data=data,
    )


def parse(line: str) -> Event:
    """The event of one line; ValueError when the line is not an event."""
    record = json.loads(line)
    if not isinstance(record, dict) or not isinstance(record.get("t"), int) or "kind" not in record:
        raise ValueError(f"not an event: {line[:80]}")
    return Event(
        t=record.pop("t"),
        kind=record.pop("kind"),
        node=record.pop("node", None),
        conn=record.pop("conn", None),
        data=record,
    )


def read(lines: Iterable[str]) -> Iterator[Event]:
    return (parse(line) for line in lines if line.strip())
