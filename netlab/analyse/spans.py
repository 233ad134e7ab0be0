"""When a pair of sockets was which of the connections that it was, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netlab.analyse.flows import Flow
from netlab.analyse.headers import SocketPair

_EVER = float("inf")


@dataclass(frozen=True, slots=True)
class Span:
    """From the first packet of a connection to its last.

    ``since`` is the last packet of the pair's connection before, ``until`` the first of the next.
    """

    begin: int
    last: int
    since: float = -_EVER
    until: float = _EVER

    def __contains__(self, t: int) -> bool:
        return self.begin <= t < self.until

    def is_of(self, first: int, last: float) -> bool:
        """Whether what an end's own host told from ``first`` to ``last`` is of this connection.

        An end opens before its first packet, for which a neighbour may have to be found, and waits
        in TIME_WAIT until the first packet of the next connection is there. In virtual time it may
        open at the very moment of the last packet before.
        """
        is_early_enough = self.until == _EVER or first < self.last or first <= self.begin
        return self.since <= first and is_early_enough and last >= self.begin


def spans(flows: Sequence[Flow]) -> list[Span]:
    """Those of ``flows``, which are in the order of their first packets."""
    lasts: dict[frozenset[SocketPair], int] = {}
    since: list[float] = []
    for flow in flows:
        since.append(lasts.get(_pair(flow), -_EVER))
        lasts[_pair(flow)] = flow.transits[-1].t
    begins: dict[frozenset[SocketPair], int] = {}
    found = []
    for flow, before in zip(reversed(flows), reversed(since), strict=True):
        begin, last = flow.transits[0].t, flow.transits[-1].t
        found.append(Span(begin, last, before, begins.get(_pair(flow), _EVER)))
        begins[_pair(flow)] = begin
    return found[::-1]


def _pair(flow: Flow) -> frozenset[SocketPair]:
    return frozenset((flow.client, flow.client.reversed))
