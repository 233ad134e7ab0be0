"""One TCP endpoint as its own interface sees it: segments become observations and states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from netlab.analyse.model import Sighting, Source, StateChange
from netlab.analyse.segments import Segment
from netlab.analyse.sequence import Received
from netlab.analyse.tcp_states import Observation, following
from netlab.wire.states import State
from netlab.wire.tcp import Flags


def states(segments: Sequence[Segment], *, forward: bool, listens: bool) -> tuple[StateChange, ...]:
    """The states of the client (``forward``) or of the server, the initial one first.

    A segment counts as received only where the end's own node saw it come in. A listener may drop
    a SYN, for its backlog is full: only its answer proves that it is in SYN_RCVD. Empty when the
    capture does not show how the connection began: then no state is proven.
    """
    seen = list(_seen_at(segments, forward=forward))
    if not seen or not seen[0][1].has(Flags.SYN):
        return ()
    initial = State.LISTEN if listens else State.CLOSED
    endpoint = _Endpoint(initial, passive=listens, answered=_answered_syn(seen, forward))
    begin = min(segment.transit.t for segment in segments)
    changes = [StateChange(begin, endpoint.state, Source.CAPTURE)]
    for sighting, segment in seen:
        for observation in endpoint.observe(segment, outbound=segment.forward is forward):
            state = following(endpoint.state, observation)
            if state is not endpoint.state:
                endpoint.state = state
                changes.append(StateChange(sighting.t, state, Source.CAPTURE, sighting.number))
    return tuple(changes)


def _seen_at(segments: Iterable[Segment], *, forward: bool) -> list[tuple[Sighting, Segment]]:
    """What an end sent and received, in its own order."""
    seen = []
    for segment in segments:
        own = segment.forward is forward
        sighting = segment.transit.sent if own else segment.transit.received
        if sighting is not None:
            seen.append((sighting, segment))
    return sorted(seen, key=lambda pair: (pair[0].t, pair[0].number))


def _answered_syn(seen: Iterable[tuple[Sighting, Segment]], forward: bool) -> Segment | None:
    """The SYN that the end's first SYN,ACK answers; one before it was dropped."""
    last = None
    for _, segment in seen:
        if segment.has(Flags.SYN):
            if segment.forward is not forward:
                last = segment
            elif segment.has(Flags.ACK):
                return last
    return None


@dataclass(slots=True)
class _Endpoint:
    """What an endpoint knows after the segments so far; names after RFC 9293 section 3.3.1."""

    state: State
    passive: bool
    answered: Segment | None
    sent: int = 0  # SND.NXT
    fin: int | None = None
    syn_acknowledged: bool = False
    fin_acknowledged: bool = False
    received: Received = field(default_factory=Received)
    peer_fin: int | None = None
    peer_fin_received: bool = False

    def observe(self, segment: Segment, *, outbound: bool) -> Iterator[Observation]:
        return self._send(segment) if outbound else self._receive(segment)

    def _send(self, segment: Segment) -> Iterator[Observation]:
        self.sent = max(self.sent, segment.end)
        if segment.acknowledgment is not None and segment.acknowledgment > self.received.next:
            # It acknowledges what the capture missed, so it has received it.
            self.received.take(self.received.next, segment.acknowledgment)
            yield from self._peer_closes(acknowledges_fin=False)
        if segment.has(Flags.RST):
            yield Observation.SENT_RST
        if segment.has(Flags.SYN):
            acknowledges = segment.has(Flags.ACK)
            yield Observation.SENT_SYN_ACK if acknowledges else Observation.SENT_SYN
        if segment.fin is not None and self.fin is None:
            self.fin = segment.fin
            yield Observation.SENT_FIN

    def _receive(self, segment: Segment) -> Iterator[Observation]:
        if segment.has(Flags.RST):
            yield from self._reset(segment)
            return
        acknowledges_syn = not self.syn_acknowledged and self._acknowledges(segment, 0)
        self.syn_acknowledged |= acknowledges_syn
        if segment.has(Flags.SYN):
            if acknowledges_syn:
                yield Observation.RECEIVED_SYN_ACK
            elif self.state is not State.LISTEN or segment is self.answered:
                yield Observation.RECEIVED_SYN
        elif acknowledges_syn:
            yield Observation.RECEIVED_ACK_OF_SYN
        acknowledges_fin = not self.fin_acknowledged and self._acknowledges(segment, self.fin)
        self.fin_acknowledged |= acknowledges_fin
        if segment.fin is not None:
            self.peer_fin = segment.fin
        self.received.take(segment.sequence, segment.end)
        yield from self._peer_closes(acknowledges_fin=acknowledges_fin)

    def _acknowledges(self, segment: Segment, number: int | None) -> bool:
        """An acknowledgment of what was never sent acknowledges nothing (section 3.10.7.4)."""
        acknowledgment = segment.acknowledgment
        return (
            number is not None
            and acknowledgment is not None
            and (number < acknowledgment <= self.sent)
        )

    def _peer_closes(self, *, acknowledges_fin: bool) -> Iterator[Observation]:
        """A FIN counts when nothing before it is missing."""
        closes = self.peer_fin is not None and self.peer_fin < self.received.next
        if closes and not self.peer_fin_received:
            self.peer_fin_received = True
            yield (
                Observation.RECEIVED_FIN_AND_ACK_OF_FIN
                if acknowledges_fin
                else Observation.RECEIVED_FIN
            )
        elif acknowledges_fin:
            yield Observation.RECEIVED_ACK_OF_FIN

    def _reset(self, segment: Segment) -> Iterator[Observation]:
        """A RST must acknowledge the SYN, or be exactly in sequence (section 3.10.7.3 and 4)."""
        if self.state is State.SYN_SENT:
            if self._acknowledges(segment, 0):
                yield Observation.RECEIVED_RST
        elif segment.sequence == self.received.next:
            passive = self.passive and self.state is State.SYN_RCVD
            yield (
                Observation.RECEIVED_RST_OF_PASSIVE_OPEN if passive else Observation.RECEIVED_RST
            )
