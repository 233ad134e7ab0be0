"""The states that netlab's own stack tells of its ends: all of them, each with its exact time.

Nothing is concluded here. The capture only adds which frame made a change: the first one that
proves the same state, if it was there by then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from netlab.analyse.model import Source, StateChange
from netlab.analyse.spans import Span
from netlab.collect.events import Event
from netlab.wire.states import State

#: What a call makes an end send leaves within this, or else waits for something.
_AT_ONCE = 1_000_000


@dataclass(slots=True)
class _Life:
    """One control block from OPEN on, with the state before."""

    changes: list[StateChange] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.changes[-1].state == State.CLOSED

    @property
    def begin(self) -> int:
        return self.changes[0].t

    @property
    def end(self) -> float:
        return self.changes[-1].t if self.is_over else float("inf")


class StackStates:
    """All ``state`` events of our own stack, asked for by endpoint pair."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._lives: dict[tuple[str | None, str, str], list[_Life]] = defaultdict(list)
        for event in sorted(filter(_tells, events), key=lambda event: event.t):
            if event.kind == "node":
                self._lose_power(event)
            else:
                self._take(event)

    def _take(self, event: Event) -> None:
        lives = self._lives[event.node, event.data["local"], event.data["foreign"]]
        if not lives or lives[-1].is_over:
            lives.append(_Life([_change(event, "old")]))
        lives[-1].changes.append(_change(event, "new"))

    def _lose_power(self, event: Event) -> None:
        """The node has no connection any more, and there is nobody who could tell."""
        for (node, *_), lives in self._lives.items():
            if node == event.node and not lives[-1].is_over:
                lives[-1].changes.append(StateChange(event.t, State.CLOSED, Source.STACK))

    def of(
        self,
        node: str | None,
        pair: tuple[str, str],
        span: Span,
        captured: tuple[StateChange, ...],
    ) -> tuple[StateChange, ...]:
        """The states of an end with ``pair``, local and foreign, and the frames of ``captured``.

        An end that made no control block stays in the state in which it was.
        """
        lives = [
            life for life in self._lives.get((node, *pair), ()) if span.is_of(life.begin, life.end)
        ]
        if not lives:
            return captured[:1]
        first, *others = _one_after_the_other(lives)
        initial = replace(first, t=min(first.t, span.begin))
        return (initial, *_as_one(list(_with_frames(others, captured[1:]))))


def _tells(event: Event) -> bool:
    if event.kind == "node":
        return event.data.get("status") == "crashed"
    return event.kind == "state" and event.data.get("source") == Source.STACK


def _change(event: Event, which: str) -> StateChange:
    return StateChange(event.t, State(event.data[which]), Source.STACK)


def _one_after_the_other(lives: Iterable[_Life]) -> Iterator[StateChange]:
    before: StateChange | None = None
    for life in lives:
        for change in life.changes:
            if before is None or change.state != before.state:
                yield change
            before = change


def _with_frames(
    told: Sequence[StateChange], captured: Sequence[StateChange]
) -> Iterator[StateChange]:
    place = 0
    for change in told:
        for index in range(place, len(captured)):
            proof = captured[index]
            if proof.state == change.state and proof.t <= change.t + _AT_ONCE:
                place = index + 1
                yield replace(change, cause=proof.cause)
                break
        else:
            yield change


def _as_one(changes: Sequence[StateChange]) -> Iterator[StateChange]:
    """What one segment makes at once, as FIN_WAIT_2 and TIME_WAIT, has one frame."""
    for change, following in pairwise(changes):
        at_once = change.cause is None and change.t == following.t
        yield replace(change, cause=following.cause) if at_once else change
    yield changes[-1]
