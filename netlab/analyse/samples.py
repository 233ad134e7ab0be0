"""The samples of tcp_info that nodes took, sorted by connection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from netlab.analyse.model import TcpSample
from netlab.collect.events import Event


class Samples:
    """All `tcpinfo` events of a run, asked for by endpoint pair."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._taken: dict[tuple[str | None, str, str], list[TcpSample]] = defaultdict(list)
        for event in events:
            if event.kind == "tcpinfo":
                key = (event.node, event.data["local"], event.data["foreign"])
                self._taken[key].append(_sample(event))

    def of(
        self, node: str | None, pair: tuple[str, str], span: tuple[int, int | None]
    ) -> tuple[TcpSample, ...]:
        """``pair`` is local and foreign; ``span`` begins and ends the pair's incarnation."""
        begin, end = span
        return tuple(
            sample
            for sample in self._taken.get((node, *pair), ())
            if sample.t >= begin and (end is None or sample.t < end)
        )


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
