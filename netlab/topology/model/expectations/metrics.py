"""Numbers about one end of a connection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.topology import units
from netlab.topology.expectations import Bounds
from netlab.topology.hints import did_you_mean, one_of, shown
from netlab.topology.model.base import ShortForm, in_words
from netlab.topology.model.expectations.base import EndName, Expected
from netlab.topology.model.expectations.bounds import Parse, compared, nanoseconds, number

_METRIC = re.compile(
    r"\s*(?:(?P<pick>max|min|first|last)\s+)?(?P<name>[A-Za-z_]+)\s+(?P<bounds>\S.*)", re.ASCII
)
_EXAMPLE = "retransmissions == 1"


#: Counted over the whole connection, as the packets of an end prove it.
COUNTED: dict[str, Parse] = {
    "segments": number,
    "bytes": units.size,
    "retransmissions": number,
    "duplicate_acks": number,
    "out_of_order": number,
    "zero_windows": number,
    "window_updates": number,
    "window_probes": number,
    "keepalives": number,
    "resets": number,
    "max_flight": units.size,
}

#: Sampled from the kernel where the lab says ``observe: {tcp_info: …}``.
SAMPLED: dict[str, Parse] = {
    "cwnd": number,
    "ssthresh": number,
    "unacked": number,
    "mss": units.size,
    "srtt": nanoseconds,
    "rto": nanoseconds,
}


@dataclass(frozen=True, slots=True)
class Measure:
    metric: str
    pick: str | None
    bounds: Bounds

    def __str__(self) -> str:
        return " ".join(filter(None, (self.pick, self.metric, self.bounds.text)))


def measure(value: Any) -> Measure:
    """What ``retransmissions == 1`` or ``max cwnd >= 10`` asks for; ValueError in words."""
    match = _METRIC.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"a metric looks like '{_EXAMPLE}', not {shown(value)}")
    name, pick = match["name"], match["pick"]
    known = COUNTED | SAMPLED
    if name not in known:
        advice = did_you_mean(name, known) or f"there are {one_of(known)}"
        raise ValueError(f"{shown(name)} is no metric ({advice})")
    if name in SAMPLED and pick is None:
        raise ValueError(f"{name} changes over time: say max, min, first or last {name}")
    if name in COUNTED and pick is not None:
        raise ValueError(f"{name} is one number: leave out '{pick}'")
    return Measure(name, pick, compared(match["bounds"], known[name], "== 1"))


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


AMeasure = Annotated[Measure, PlainValidator(in_words(measure)), WithJsonSchema({"type": "string"})]
Measures = Annotated[tuple[AMeasure, ...], Field(min_length=1), ShortForm(None, _as_list)]


class Metric(Expected):
    metric: dict[EndName, Measures]
    """A number about an end, ``first`` or ``first@server``: ``retransmissions == 1``."""


METRIC_VERBS = ("metric",)
MetricExpectation = Annotated[Metric, Tag("metric")]
