"""What an analysed run is. Report, text ladder, expectations and JUnit read this.

Times ``t`` are nanoseconds since the run's epoch. A side that was not captured is None, never
invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from netlab.collect.counts import InterfaceCount
from netlab.wire.packet import Packet


@dataclass(frozen=True, slots=True)
class Sighting:
    """One frame at one interface; ``number`` is its 1-based place in lab.pcapng."""

    number: int
    t: int
    node: str
    interface: str
    outbound: bool
    packet: Packet


class Source(StrEnum):
    """How a state is known."""

    CAPTURE = "capture"  # the node's own packets prove it
    TRACE = "trace"  # the kernel's inet_sock_set_state event, exact
    SOCK_DIAG = "sock_diag"  # the kernel said so when asked, at this time or a little before
    STACK = "stack"  # the userspace stack's own log, exact


@dataclass(frozen=True, slots=True)
class StateChange:
    """An end enters ``state`` at ``t``. ``cause`` is the number of the frame that made it so."""

    t: int
    state: str
    source: Source
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``node`` is None when the address belongs to no node of the lab."""

    node: str | None
    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Met:
    """What an impaired link did to a packet.

    ``action`` is drop, hold, duplicate, corrupt, or ``copy`` of what a duplication made;
    ``reason`` is ``fault``, ``loss``, ``burst``, ``queue``, …; ``text`` is the fault's.
    """

    action: str
    reason: str
    stretch: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class ImpairedCount:
    """What became of the packets of one direction of an impaired link, by what it is called."""

    stretch: str
    engine: str
    forward: bool
    packets: dict[str, int]


@dataclass(frozen=True, slots=True)
class Transit:
    """One packet's way through the lab.

    ``sent`` is where its source put it on the wire, ``received`` where its destination took it;
    ``hops`` are all sightings in time order. ``lost_after`` names the last ``node:interface`` that
    saw a packet which never arrived. ``met`` is what impaired links did to it. ``injected_by`` is
    the node that a scenario let send it in another's name.
    """

    sent: Sighting | None
    received: Sighting | None
    hops: tuple[Sighting, ...]
    lost_after: str | None = None
    met: tuple[Met, ...] = ()
    injected_by: str | None = None

    @property
    def first(self) -> Sighting:
        return self.hops[0]

    @property
    def t(self) -> int:
        return self.hops[0].t


@dataclass(frozen=True, slots=True)
class Arrow:
    """A transit as a connection's ladder draws it.

    ``forward``: from the opener to its peer. ``sequence`` and ``acknowledgment`` are relative to
    each side's initial sequence number, as in Wireshark. ``label`` is the text on the arrow,
    ``notes`` what is remarkable: ``retransmission``, ``out of order``, ``window full``, …
    """

    transit: Transit
    forward: bool
    label: str
    sequence: int | None = None
    acknowledgment: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TcpSample:
    """What an end's kernel said of its connection at ``t``.

    ``cwnd``, ``ssthresh`` (None before the first loss), ``unacked``, ``lost`` and ``retransmitted``
    (so far) are segments of ``mss`` bytes; ``srtt`` (None before the first measurement) and
    ``rto`` are nanoseconds.
    """

    t: int
    cwnd: int
    ssthresh: int | None
    mss: int
    srtt: int | None
    rto: int
    unacked: int
    lost: int
    retransmitted: int
    phase: str  # open, disorder, cwr, recovery, loss


@dataclass(frozen=True, slots=True)
class ControlBlock:
    """The variables of an end on netlab's own stack from ``t`` on (RFC 9293, 3.3.1).

    Sequence numbers count on beyond 2^32, from ``iss`` and from ``irs``, which is None until the
    peer's SYN has come. Sizes are bytes, times ns. ``ssthresh`` is None before the first loss,
    ``srtt`` before the first measurement. ``timer_`` is when one expires, None when it is off.
    """

    t: int
    iss: int
    snd_una: int
    snd_nxt: int
    snd_wnd: int
    snd_up: int
    snd_wl1: int
    snd_wl2: int
    irs: int | None
    rcv_nxt: int
    rcv_wnd: int
    rcv_up: int
    mss: int
    cwnd: int
    ssthresh: int | None
    srtt: int | None
    rttvar: int
    rto: int
    in_flight: int
    backoffs: int
    timer_retransmission: int | None
    timer_loss_probe: int | None
    timer_reordering: int | None
    timer_delayed_ack: int | None
    timer_persist: int | None
    timer_override: int | None
    timer_keepalive: int | None
    timer_user_timeout: int | None
    timer_time_wait: int | None
    timer_quiet: int | None


@dataclass(frozen=True, slots=True)
class End:
    """One end of a connection: who it is and the states it went through."""

    endpoint: Endpoint
    states: tuple[StateChange, ...]
    bytes_sent: int = 0
    retransmissions: int = 0
    samples: tuple[TcpSample, ...] = ()  # where the lab asks for them
    variables: tuple[ControlBlock, ...] = ()  # likewise


@dataclass(frozen=True, slots=True)
class Connection:
    """A TCP connection, or UDP datagrams between one pair of sockets.

    ``name`` is the scenario's, or made up of the endpoints when the scenario knows none. Of a
    connection that both ends opened at once, ``server_name`` is what the scenario calls it at the
    server. ``related`` are ICMP errors that quote its packets.
    """

    name: str
    transport: str
    client: End
    server: End
    arrows: tuple[Arrow, ...]
    related: tuple[Transit, ...] = ()
    server_name: str | None = None

    @property
    def t(self) -> int:
        return self.arrows[0].transit.t

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,) if self.server_name is None else (self.name, self.server_name)

    def opened_as(self, name: str) -> End:
        """The end that the scenario opened by this name."""
        return self.server if name == self.server_name else self.client


@dataclass(frozen=True, slots=True)
class PathMtu:
    """A next-hop MTU that ``reporter`` told ``node`` for packets to ``destination``."""

    t: int
    node: str
    destination: str
    reporter: str
    mtu: int


@dataclass(frozen=True, slots=True)
class Analysis:
    connections: tuple[Connection, ...]
    transits: tuple[Transit, ...]  # every packet of the run in time order
    sightings: tuple[Sighting, ...]  # every frame of every capture in time order
    path_mtus: tuple[PathMtu, ...] = ()
    counts: tuple[InterfaceCount, ...] = field(default_factory=tuple)
    is_partial: bool = False  # the capture was too long, and only its first frames are analysed
    impaired: tuple[ImpairedCount, ...] = ()

    def connection(self, name: str) -> Connection | None:
        return next((c for c in self.connections if c.name == name), None)
