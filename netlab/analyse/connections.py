"""A run's connections: names, arrows, and the states of both ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from netlab.analyse.arrows import arrows
from netlab.analyse.control_blocks import ControlBlocks
from netlab.analyse.flows import Flow, Flows
from netlab.analyse.headers import SocketPair
from netlab.analyse.kernel_states import KernelStates
from netlab.analyse.model import Arrow, Connection, End, Endpoint, StateChange, Transit
from netlab.analyse.names import named_sockets
from netlab.analyse.places import Places
from netlab.analyse.samples import Samples
from netlab.analyse.segment_notes import RETRANSMISSION
from netlab.analyse.segments import Segment, segments
from netlab.analyse.sequence import Ranges
from netlab.analyse.spans import Span, spans
from netlab.analyse.stack_states import StackStates
from netlab.analyse.tcp_endpoint import states
from netlab.collect.events import Event
from netlab.topology.plan import Plan
from netlab.topology.stacks import Stack
from netlab.topology.steps.filters import SetFilter
from netlab.wire.address import endpoint
from netlab.wire.tcp import Flags


def connections(
    plan: Plan, events: Sequence[Event], transits: Iterable[Transit], places: Places
) -> tuple[Connection, ...]:
    """TCP connections and pairs of UDP sockets in the order of their first packets."""
    flows = Flows(named_sockets(plan, events), places)
    flows.sort(transits)
    told = _Told(
        on_stack=frozenset(node.name for node in plan.nodes if node.stack is Stack.USER),
        kernel=KernelStates(events),
        stack=StackStates(events),
        samples=Samples(events),
        blocks=ControlBlocks(events),
    )
    run = _Run(plan, places, told, _rejecting(plan))
    names = _names(flows.all)
    return tuple(
        _Analysed(run, flow, span).connection(name)
        for flow, name, span in zip(flows.all, names, spans(flows.all), strict=True)
    )


def _rejecting(plan: Plan) -> frozenset[str]:
    """Nodes whose filters answer with RST, from the start or by a step."""
    filters = [(node.name, each) for node in plan.nodes for each in node.filters]
    filters += [
        (step.node, step.filter)
        for step in plan.steps
        if isinstance(step, SetFilter) and step.filter is not None
    ]
    return frozenset(node for node, each in filters if each.resets)


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


@dataclass(frozen=True, slots=True)
class _Told:
    """What nodes said of their own connections; those ``on_stack`` are on netlab's own."""

    on_stack: frozenset[str]
    kernel: KernelStates
    stack: StackStates
    samples: Samples
    blocks: ControlBlocks


@dataclass(frozen=True, slots=True)
class _Run:
    """What all flows are looked at with; nodes in ``rejecting`` have filters that send RST."""

    plan: Plan
    places: Places
    told: _Told
    rejecting: frozenset[str]


class _Analysed:
    """One flow on its way to becoming a connection."""

    def __init__(self, run: _Run, flow: Flow, span: Span) -> None:
        self._run = run
        self._flow = flow
        self._span = span
        self._segments = tuple(segments(flow.transits, flow.client))
        rejecting = [way for way in (True, False) if self._may_reject(forward=way)]
        self._arrows = tuple(
            arrows(flow.transits, self._segments, flow.client, rejecting=rejecting)
        )

    def connection(self, name: str) -> Connection:
        return Connection(
            name=name,
            transport=self._flow.client.transport,
            client=self._end(self._flow.client, forward=True),
            server=self._end(self._flow.client.reversed, forward=False),
            arrows=self._arrows,
            related=tuple(self._flow.related),
            server_name=self._flow.server_name,
        )

    def _end(self, pair: SocketPair, *, forward: bool) -> End:
        who = self._run.places.endpoint(pair.source, pair.source_port)
        own = [arrow for arrow in self._arrows if arrow.forward is forward]
        is_tcp = pair.transport == "tcp"
        return End(
            endpoint=who,
            states=self._states(who, pair, forward=forward) if is_tcp else (),
            bytes_sent=(
                _stream_bytes(
                    segment
                    for segment in self._segments
                    if segment.forward is forward and not segment.is_injected
                )
                if is_tcp
                else _datagram_bytes(own)
            ),
            retransmissions=sum(RETRANSMISSION in arrow.notes for arrow in own),
            samples=self._run.told.samples.of(who.node, _texts(pair), self._span),
            variables=self._run.told.blocks.of(who.node, _texts(pair), self._span),
        )

    def _states(self, who: Endpoint, pair: SocketPair, *, forward: bool) -> tuple[StateChange, ...]:
        captured: tuple[StateChange, ...] = ()
        if who.node is not None and self._run.places.is_captured(who.node):
            listens = not forward and self._listens(who)
            captured = states(self._segments, forward=forward, listens=listens)
        told = self._run.told
        if who.node in told.on_stack:
            return told.stack.of(who.node, _texts(pair), self._span, captured)
        return told.kernel.join(captured, who.node, _texts(pair), self._span)

    def _may_reject(self, *, forward: bool) -> bool:
        pair = self._flow.client if forward else self._flow.client.reversed
        return self._run.places.endpoint(pair.source, pair.source_port).node in self._run.rejecting

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
            for node in self._run.plan.nodes
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
    stream, count = Ranges(), 0
    for segment in own:
        start = segment.sequence + segment.has(Flags.SYN)
        count += stream.add(start, start + segment.length)
    return count


def _datagram_bytes(own: Iterable[Arrow]) -> int:
    """Data of all datagrams, counted where their source sent them, whole or in fragments."""
    sent = [arrow.transit.sent for arrow in own]
    return sum(len(sighting.packet.payload) for sighting in sent if sighting)
