"""What the packets of one end of a TCP connection amount to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netlab.analyse.model import Arrow, Connection
from netlab.wire.tcp import Flags

_OF_NOTES = {
    "retransmission": "retransmissions",
    "duplicate ACK": "duplicate_acks",
    "out of order": "out_of_order",
    "zero window": "zero_windows",
    "window update": "window_updates",
    "window probe": "window_probes",
    "keepalive": "keepalives",
}


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counts of segments that the end sent; ``bytes`` and ``max_flight`` are bytes.

    ``max_flight`` is the most data that was sent and not yet known to be acknowledged at the
    end's own interface. ``frames`` are the numbers of the frames that each count is of.
    """

    values: Mapping[str, int]
    frames: Mapping[str, tuple[int, ...]]


def metrics(connection: Connection, *, forward: bool) -> Metrics:
    """Of the end that opened the connection (``forward``) or of its peer."""
    end = connection.client if forward else connection.server
    frames: dict[str, list[int]] = {name: [] for name in (*_OF_NOTES.values(), "resets")}
    segments = 0
    for arrow in connection.arrows:
        if arrow.forward is forward and arrow.sequence is not None:
            segments += 1
            for name in _counted(arrow):
                frames[name].append(arrow.transit.first.number)
    return Metrics(
        values={
            "segments": segments,
            "bytes": end.bytes_sent,
            **{name: len(numbers) for name, numbers in frames.items()},
            "max_flight": _max_flight(connection, forward=forward),
        },
        frames={name: tuple(numbers) for name, numbers in frames.items()},
    )


def _counted(arrow: Arrow) -> Iterator[str]:
    for note in arrow.notes:
        if note in _OF_NOTES:
            yield _OF_NOTES[note]
    header = arrow.transit.first.packet.tcp
    if header is not None and header.has(Flags.RST):
        yield "resets"


def _max_flight(connection: Connection, *, forward: bool) -> int:
    """At the end's interface: acknowledgments count when they arrive there."""
    moments: list[tuple[int, int, int | None]] = []
    for arrow in connection.arrows:
        transit = arrow.transit
        if arrow.sequence is None:
            continue
        if arrow.forward is forward:
            moments.append((transit.t, arrow.sequence + len(transit.first.packet.payload), None))
        elif transit.received is not None and arrow.acknowledgment is not None:
            moments.append((transit.received.t, 0, arrow.acknowledgment))
    most = sent = acknowledged = 0
    for _, end, acknowledgment in sorted(moments, key=lambda moment: moment[0]):
        sent = max(sent, end)
        acknowledged = max(acknowledged, acknowledgment or 0)
        if acknowledged:
            most = max(most, sent - acknowledged)
    return most
