"""Joins what the kernel says about a TCP endpoint's states with what the capture proves.

The trace event is exact but names no network namespace: another lab with equal addresses looks
the same. So it only sharpens the time of a change that the capture shows too. What a node's own
sock_diag says may add a change that no packet shows, such as the end of TIME_WAIT.

Linux traces ``LISTEN -> SYN_RECV`` when the third segment arrives, since requests are no sockets
yet, and never TIME_WAIT: a time-wait minisocket replaces the socket, which is traced as closed.
Neither tells when the endpoint's state changed, so neither is used. ``CLOSED -> SYN_SENT`` comes
before an ephemeral port is chosen and is traced with port 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from netlab.analyse.model import Source, StateChange
from netlab.analyse.spans import Span
from netlab.collect.events import Event
from netlab.wire.states import State

_WINDOW = 50_000_000

#: A change that comes so long before the packet that proves it has another cause.
_APART = 1_000_000
_OPENING = (State.CLOSED, State.SYN_SENT)
_UNUSABLE = frozenset(
    {
        (State.LISTEN, State.SYN_RCVD),
        (State.FIN_WAIT_1, State.CLOSED),
        (State.FIN_WAIT_2, State.CLOSED),
    }
)


@dataclass(frozen=True, slots=True)
class _Told:
    t: int
    old: State | None
    new: State


class KernelStates:
    """All ``state`` events of a run, asked for by endpoint pair."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._traced: dict[tuple[str, str], list[_Told]] = defaultdict(list)
        self._asked: dict[tuple[str | None, str, str], list[_Told]] = defaultdict(list)
        for event in events:
            if event.kind == "state":
                self._take(event)

    def _take(self, event: Event) -> None:
        local, foreign = event.data.get("local", ""), event.data.get("foreign", "")
        new = _state(event.data.get("new"))
        if new is None:
            return
        told = _Told(event.t, _state(event.data.get("old")), new)
        if event.data.get("source") == Source.TRACE:
            self._traced[local, foreign].append(told)
        elif event.data.get("source") == Source.SOCK_DIAG:
            self._asked[event.node, local, foreign].append(told)

    def join(
        self,
        captured: tuple[StateChange, ...],
        node: str | None,
        pair: tuple[str, str],
        span: Span,
    ) -> tuple[StateChange, ...]:
        """``captured`` made exact and completed.

        ``pair`` is the endpoint's local and foreign. An endpoint that was not captured has what its
        node said.
        """
        asked = [told for told in self._asked.get((node, *pair), ()) if told.t in span]
        if not captured:
            return tuple(StateChange(told.t, told.new, Source.SOCK_DIAG) for told in asked)
        local, foreign = pair
        unbound = (f"{local.rpartition(':')[0]}:0", foreign)
        traced, opened = self._traced.get(pair, ()), self._traced.get(unbound, ())
        exact = _closed_before(_sharpened(captured, traced, opened), captured[-1].t, asked)
        return exact + _closing(exact[-1], asked)


def _sharpened(
    captured: tuple[StateChange, ...], traced: Sequence[_Told], opened: Sequence[_Told]
) -> tuple[StateChange, ...]:
    """The kernel's times where its trace tells one history that agrees with the capture.

    ``opened`` may be of other connections to the same peer, so it has to be alone.
    """
    exact = list(captured)
    for place, (before, change) in enumerate(pairwise(captured), start=1):
        transition = (before.state, change.state)
        matching = _matching(transition, change, traced)
        if len(matching) > 1:
            return captured
        if not matching and transition == _OPENING:
            matching = _matching(transition, change, opened)
        if len(matching) == 1 and transition not in _UNUSABLE:
            exact[place] = replace(change, t=matching[0].t, source=Source.TRACE)
    return tuple(_in_order(exact, captured))


def _matching(
    transition: tuple[str, str], change: StateChange, traced: Sequence[_Told]
) -> list[_Told]:
    return [
        told
        for told in traced
        if (told.old, told.new) == transition and abs(told.t - change.t) <= _WINDOW
    ]


def _in_order(
    exact: Sequence[StateChange], captured: Sequence[StateChange]
) -> Iterator[StateChange]:
    """Where a time of the trace would turn the order of two changes around, the capture's stays."""
    previous = replace(captured[0], t=min(change.t for change in exact))
    yield previous
    for place, change in enumerate(exact[1:], start=1):
        after = captured[place + 1].t if place + 1 < len(captured) else change.t
        previous = change if previous.t <= change.t <= after else captured[place]
        yield previous


def _closed_before(
    changes: tuple[StateChange, ...], proved: int, asked: Sequence[_Told]
) -> tuple[StateChange, ...]:
    """A host that loses its power sends nothing; the RST that ``proved`` it may come much later."""
    if len(changes) < 2 or changes[-1].state is not State.CLOSED:
        return changes
    *_, before, last = changes
    if proved - last.t > _APART:
        return (*changes[:-1], replace(last, cause=None))
    for told in asked:
        if before.t < told.t < last.t and (told.old, told.new) == (before.state, State.CLOSED):
            return (*changes[:-1], StateChange(told.t, State.CLOSED, Source.SOCK_DIAG))
    return changes


def _closing(last: StateChange, asked: Sequence[_Told]) -> tuple[StateChange, ...]:
    """The end that came by a timer or by a call that sends nothing."""
    for told in asked:
        if told.t > last.t and told.old == last.state and told.new is State.CLOSED:
            return (StateChange(told.t, State.CLOSED, Source.SOCK_DIAG),)
    return ()


def _state(name: str | None) -> State | None:
    try:
        return State(name or "")
    except ValueError:
        return None
