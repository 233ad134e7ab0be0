"""Sorts a run's packets into connections: by socket pair, and by incarnation of the pair."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from netlab.analyse.headers import SocketPair, datagram_key, is_fragment, socket_pair
from netlab.analyse.model import Transit
from netlab.analyse.names import SLACK, NamedSocket
from netlab.analyse.places import Places
from netlab.wire.tcp import Flags, Tcp


@dataclass(slots=True)
class Flow:
    """The packets of one connection; ``client`` is the pair as the opener's packets have it.

    ``server_name`` is the other end's name for it, if that opened too.
    """

    client: SocketPair
    name: str | None = None
    server_name: str | None = None
    transits: list[Transit] = field(default_factory=list)
    related: list[Transit] = field(default_factory=list)
    _initial: dict[SocketPair, int] = field(default_factory=dict)
    _senders: set[SocketPair] = field(default_factory=set)
    _closed: set[SocketPair] = field(default_factory=set)
    _reset: bool = False

    def add(self, transit: Transit) -> None:
        self.transits.append(transit)
        pair, header = socket_pair(transit.first.packet), transit.first.packet.tcp
        if pair is None or header is None:
            return
        self._senders.add(pair)
        if transit.injected_by is not None:
            return
        if header.has(Flags.SYN):
            self._initial[pair] = header.sequence
        if header.has(Flags.FIN):
            self._closed.add(pair)
        self._reset |= header.has(Flags.RST)

    def is_reopened_by(self, transit: Transit, pair: SocketPair, header: Tcp) -> bool:
        """Whether a segment of the same pair begins the pair's next incarnation.

        The same SYN again is a retransmission or a copy made on the way; a first SYN from the peer
        that answers nothing is a simultaneous open.
        """
        if not header.has(Flags.SYN) or header.has(Flags.ACK) or transit.injected_by is not None:
            return False
        is_copy = transit.sent is None and self._initial.get(pair) == header.sequence
        if self._reset or len(self._closed) == 2:
            return not is_copy
        return pair in self._senders and self._initial.get(pair) != header.sequence


class Flows:
    """All connections of a run, in the order of their first packets."""

    def __init__(self, sockets: Sequence[NamedSocket], places: Places) -> None:
        self._sockets = sockets
        self._places = places
        self._latest: dict[Hashable, Flow] = {}
        self._datagrams: dict[Hashable, Flow] = {}
        self._named: set[NamedSocket] = set()
        self.all: list[Flow] = []

    def sort(self, transits: Iterable[Transit]) -> None:
        """``transits`` are in time order."""
        for transit in transits:
            packet = transit.first.packet
            quoted = packet.quoted and socket_pair(packet.quoted)
            if quoted:
                if flow := self._latest.get(_either_way(quoted)):
                    flow.related.append(transit)
            elif flow := self._flow(transit):
                flow.add(transit)
                if is_fragment(packet):
                    self._datagrams[datagram_key(packet)] = flow

    def _flow(self, transit: Transit) -> Flow | None:
        packet = transit.first.packet
        pair = socket_pair(packet)
        if pair is None:
            return self._datagrams.get(datagram_key(packet)) if is_fragment(packet) else None
        if packet.tcp:
            return self._tcp(transit, pair, packet.tcp)
        return self._udp(transit, pair)

    def _tcp(self, transit: Transit, pair: SocketPair, header: Tcp) -> Flow:
        flow = self._latest.get(_either_way(pair))
        if flow is None or flow.is_reopened_by(transit, pair, header):
            is_answer = header.has(Flags.SYN) and header.has(Flags.ACK)
            flow = self._begin(pair.reversed if is_answer else pair, _either_way(pair))
            flow.name = self._name_of(flow.client, transit.t)
        elif _opens_too(flow, pair, header):
            flow.server_name = self._name_of(pair, transit.t)
        return flow

    def _name_of(self, pair: SocketPair, t: int) -> str | None:
        """The connect that was under way at ``t``, and no other connection's yet."""
        candidates = [
            socket
            for socket in self._sockets
            if socket.is_source_of(pair, self._places)
            and socket.start - SLACK <= t <= socket.end + SLACK
            and socket not in self._named
        ]
        if not candidates:
            return None
        nearest = min(candidates, key=lambda socket: abs(socket.start - t))
        self._named.add(nearest)
        return nearest.name

    def _udp(self, transit: Transit, pair: SocketPair) -> Flow:
        """Datagrams have no beginning: each belongs to the socket that was opened last."""
        for opener in (pair, pair.reversed):
            for socket in reversed(self._sockets):
                if socket.start - SLACK <= transit.t and socket.is_source_of(opener, self._places):
                    named = (_either_way(pair), socket)
                    flow = self._latest.get(named) or self._begin(opener, named)
                    flow.name = socket.name
                    self._latest[_either_way(pair)] = flow
                    return flow
        key = _either_way(pair)
        return self._latest.get(key) or self._begin(pair, key)

    def _begin(self, client: SocketPair, key: Hashable) -> Flow:
        flow = self._latest[key] = Flow(client)
        self.all.append(flow)
        return flow


def _opens_too(flow: Flow, pair: SocketPair, header: Tcp) -> bool:
    """A SYN from the other end that answers none: a simultaneous open."""
    opens = header.has(Flags.SYN) and not header.has(Flags.ACK)
    return opens and pair == flow.client.reversed and flow.server_name is None


def _either_way(pair: SocketPair) -> SocketPair:
    return min(pair, pair.reversed)
