"""A run's connections: names, arrows, and the states of both ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from netlab.analyse.arrows import arrows
from netlab.analyse.flows import Flow, Flows
from netlab.analyse.headers import SocketPair
from netlab.analyse.kernel_states import KernelStates
from netlab.analyse.model import Arrow, Connection, End, Endpoint, StateChange, Transit
from netlab.analyse.names import named_sockets
from netlab.analyse.places import Places
from netlab.analyse.samples import Samples
from netlab.analyse.segment_notes import RETRANSMISSION
from netlab.analyse.segments import Segment, segments
from netlab.analyse.tcp_endpoint import states
from netlab.collect.events import Event
from netlab.topology.plan import Plan
from netlab.wire.address import endpoint
from netlab.wire.tcp import Flags


def connections(
    plan: Plan, events: Sequence[Event], transits: Iterable[Transit], places: Places
) -> tuple[Connection, ...]:
    """TCP connections and pairs of UDP sockets in the order of their first packets."""
    flows = Flows(named_sockets(plan, events), places)
    flows.sort(transits)
    kernel, samples = KernelStates(events), Samples(events)
    names = _names(flows.all)
    nexts = _next_incarnations(flows.all)
    return tuple(
        _Analysed(plan, places, flow, (kernel, samples), until=following).connection(name)
        for flow, name, following in zip(flows.all, names, nexts, strict=True)
    )


def _names(flows: Iterable[Flow]) -> Iterator[str]:
    """A made-up name is the endpoints', with a number from the second incarnation on."""
    seen: Counter[str] = Counter()
    for flow in flows:
        if flow.name is not None:
            yield flow.name
            continue
        local, foreign = _texts(flow.client)
        name = f"{local} -> {foreign}"
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name} #{seen[name]}"


def _next_incarnations(flows: Sequence[Flow]) -> list[int | None]:
    """When each flow's socket pair is used again."""
    begins: dict[frozenset[SocketPair], int] = {}
    found: list[int | None] = []
    for flow in reversed(flows):
        pair = frozenset((flow.client, flow.client.reversed))
        found.append(begins.get(pair))
        begins[pair] = flow.transits[0].t
    return found[::-1]


class _Analysed:
    """One flow on its way to becoming a connection."""

    def __init__(
        self,
        plan: Plan,
        places: Places,
        flow: Flow,
        told: tuple[KernelStates, Samples],
        *,
        until: int | None,
    ) -> None:
        self._plan = plan
        self._places = places
        self._flow = flow
        self._kernel, self._samples = told
        self._span = (flow.transits[0].t, until)
        self._segments = tuple(segments(flow.transits, flow.client))
        self._arrows = tuple(arrows(flow.transits, self._segments, flow.client))

    def connection(self, name: str) -> Connection:
        return Connection(
            name=name,
            transport=self._flow.client.transport,
            client=self._end(self._flow.client, forward=True),
            server=self._end(self._flow.client.reversed, forward=False),
            arrows=self._arrows,
            related=tuple(self._flow.related),
        )

    def _end(self, pair: SocketPair, *, forward: bool) -> End:
        who = self._places.endpoint(pair.source, pair.source_port)
        own = [arrow for arrow in self._arrows if arrow.forward is forward]
        is_tcp = pair.transport == "tcp"
        return End(
            endpoint=who,
            states=self._states(who, pair, forward=forward) if is_tcp else (),
            bytes_sent=(
                _stream_bytes(segment for segment in self._segments if segment.forward is forward)
                if is_tcp
                else _datagram_bytes(own)
            ),
            retransmissions=sum(RETRANSMISSION in arrow.notes for arrow in own),
            samples=self._samples.of(who.node, _texts(pair), self._span),
        )

    def _states(self, who: Endpoint, pair: SocketPair, *, forward: bool) -> tuple[StateChange, ...]:
        captured: tuple[StateChange, ...] = ()
        if who.node is not None and self._places.is_captured(who.node):
            listens = not forward and self._listens(who)
            captured = states(self._segments, forward=forward, listens=listens)
        return self._kernel.join(captured, who.node, _texts(pair), self._span)

    def _listens(self, server: Endpoint) -> bool:
        """It had a listener if the plan gives it one or if it accepted, unless it opened too."""
        first = next(
            (each for each in self._segments if not each.forward and each.has(Flags.SYN)), None
        )
        if first is not None:
            return first.has(Flags.ACK)
        return any(
            service.transport == "tcp"
            and service.port == server.port
            and service.address in {None, server.address}
            for node in self._plan.nodes
            if node.name == server.node
            for service in node.services
        )


def _texts(pair: SocketPair) -> tuple[str, str]:
    return (
        endpoint(pair.source, pair.source_port),
        endpoint(pair.destination, pair.destination_port),
    )


def _stream_bytes(own: Iterable[Segment]) -> int:
    """Bytes of the stream, each counted once however often it was sent."""
    count = highest = 0
    for segment in own:
        start = segment.sequence + segment.has(Flags.SYN)
        count += max(0, start + segment.length - max(start, highest))
        highest = max(highest, start + segment.length)
    return count


def _datagram_bytes(own: Iterable[Arrow]) -> int:
    """Data of all datagrams, counted where their source sent them, whole or in fragments."""
    sent = [arrow.transit.sent for arrow in own]
    return sum(len(sighting.packet.payload) for sighting in sent if sighting)
