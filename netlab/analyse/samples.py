"""The samples of tcp_info that nodes took, sorted by connection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from netlab.analyse.model import TcpSample
from netlab.analyse.spans import Span
from netlab.collect.events import Event


class Samples:
    """All `tcpinfo` events of a run, asked for by endpoint pair."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._taken: dict[tuple[str | None, str, str], list[TcpSample]] = defaultdict(list)
        for event in events:
            if event.kind == "tcpinfo":
                key = (event.node, event.data["local"], event.data["foreign"])
                self._taken[key].append(_sample(event))

    def of(self, node: str | None, pair: tuple[str, str], span: Span) -> tuple[TcpSample, ...]:
        """``pair`` is local and foreign."""
        return tuple(sample for sample in self._taken.get((node, *pair), ()) if sample.t in span)


def _sample(event: Event) -> TcpSample:
    data = event.data
    return TcpSample(
        t=event.t,
        cwnd=data["cwnd"],
        ssthresh=data["ssthresh"],
        mss=data["mss"],
        srtt=data["srtt"],
        rto=data["rto"],
        unacked=data["unacked"],
        lost=data["lost"],
        retransmitted=data["total_retrans"],
        phase=data["phase"],
    )
