from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from netlab.collect.table import Socket
from netlab.collect.watch import StateWatch, changes_state
from netlab.wire import ipv4, ipv6, tcp, udp
from netlab.wire.ethernet import Ethernet
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import decode
from netlab.wire.tcp import Flags, Tcp
from netlab.wire.udp import Udp

V4 = (bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
V6 = (bytes(15) + b"\1", bytes(15) + b"\2")
MAC = bytes(6)


def frame(header: Tcp | Udp, data: bytes, *, six: bool) -> bytes:
    source, destination = V6 if six else V4
    payload = header.emit(data, source, destination)
    protocol = tcp.PROTOCOL if isinstance(header, Tcp) else udp.PROTOCOL
    if six:
        packet = Ipv6(source, destination, protocol).emit(payload)
    else:
        packet = Ipv4(source, destination, protocol).emit(payload)
    kind = ipv6.ETHERTYPE if six else ipv4.ETHERTYPE
    return Ethernet(MAC, MAC, kind).emit(packet)


HEADERS = st.builds(
    Tcp,
    source_port=st.integers(0, 65_535),
    destination_port=st.integers(0, 65_535),
    sequence=st.integers(0, 2**32 - 1),
    flags=st.integers(0, 255).map(Flags),
) | st.builds(Udp, source_port=st.integers(0, 65_535), destination_port=st.integers(0, 65_535))


@given(HEADERS, st.binary(max_size=40), st.booleans())
def test_it_sees_what_the_decoder_sees(header: Tcp | Udp, data: bytes, six: bool):
    seen = frame(header, data, six=six)
    segment = decode(seen).tcp
    expected = bool(segment and segment.flags & (Flags.SYN | Flags.FIN | Flags.RST))
    assert changes_state(seen) is expected


@given(st.binary(max_size=120))
def test_no_bytes_are_too_strange(data: bytes):
    assert changes_state(data) in {True, False}


@given(HEADERS, st.booleans(), st.data())
def test_a_frame_that_was_cut_short(header: Tcp | Udp, six: bool, data: st.DataObject):
    whole = frame(header, b"", six=six)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    assert changes_state(cut) in {True, False}
    assert not changes_state(cut) or changes_state(whole)


class PlayedTable:
    """A kernel's socket table that shows the next of some sights each time it is read."""

    def __init__(self, *sights: dict[str, str]) -> None:
        self._sights = list(sights)

    def read(self, _transports: Sequence[str]) -> list[Socket]:
        sight = self._sights.pop(0)
        return [
            Socket("tcp", "10.0.0.2:40000", foreign, state, 1) for foreign, state in sight.items()
        ]


def watched(*sights: dict[str, str]) -> tuple[StateWatch, list[tuple[str, str]]]:
    told: list[dict[str, Any]] = []
    watch = StateWatch("c1", PlayedTable(*sights), told.append)  # type: ignore[arg-type] # a fake
    for _ in sights:
        watch.look()
    return watch, [(event["old"], event["new"]) for event in told]


def test_a_change_is_told_once():
    established = {"10.0.0.1:7": "ESTABLISHED"}
    _, told = watched({}, established, established, {"10.0.0.1:7": "FIN_WAIT_2"}, {})
    assert told == [
        ("CLOSED", "ESTABLISHED"),
        ("ESTABLISHED", "FIN_WAIT_2"),
        ("FIN_WAIT_2", "CLOSED"),
    ]


def test_listeners_are_no_connections():
    _, told = watched({"*:*": "LISTEN"})
    assert told == []


def test_it_looks_again_while_a_socket_is_between_two_states():
    watch, _ = watched({"10.0.0.1:7": "SYN_SENT"})
    assert watch.next_look is not None
    watch, _ = watched({"10.0.0.1:7": "SYN_SENT"}, {"10.0.0.1:7": "ESTABLISHED"})
    assert watch.next_look is None


def test_it_rests_until_it_is_woken():
    watch, _ = watched({"10.0.0.1:7": "TIME_WAIT"})
    assert watch.next_look is None
    watch.wake()
    assert watch.next_look is not None
