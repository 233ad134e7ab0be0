"""What a node on the way knows of a flow after the packets that it has seen."""

from __future__ import annotations

from netlab.agent.flow import Flow, Way
from netlab.testing.passing import CLIENT, SERVER, segment
from netlab.wire.fields import Subject
from netlab.wire.packet import decode_ip
from netlab.wire.tcp import Flags
from netlab.wire.tcp_options import Timestamps, WindowScale

SYN, ACK, FIN, RST = Flags.SYN, Flags.ACK, Flags.FIN, Flags.RST


class Watched:
    """A flow; ``client`` and ``server`` are what these have sent."""

    def __init__(self) -> None:
        self._flow = Flow("tcp", (CLIENT, SERVER), {end: Way() for end in (CLIENT, SERVER)})
        self._count = 0

    @property
    def client(self) -> Way:
        return self._flow.ways[CLIENT]

    @property
    def server(self) -> Way:
        return self._flow.ways[SERVER]

    def see(self, datagram: bytes, source: str = CLIENT) -> Subject:
        self._count += 1
        return self._flow.take(source, datagram, decode_ip(datagram), self._count)

    def open(self, *, isn: int = 1000, scales: bool = True) -> None:
        options = (WindowScale(7),) if scales else ()
        self.see(segment(SYN, isn, options=(WindowScale(2),)))
        self.see(segment(SYN | ACK, 5000, isn + 1, to=CLIENT, options=options), SERVER)
        self.see(segment(ACK, isn + 1, 5001))


def test_next_is_behind_all_that_came_by_in_order() -> None:
    flow = Watched()
    flow.open()

    flow.see(segment(ACK, 1001, 5001, data=bytes(10)))
    assert flow.client.next == 1011

    flow.see(segment(ACK, 1500, 5001, data=bytes(10)))
    assert flow.client.next == 1011

    flow.see(segment(ACK, 1001, 5001, data=bytes(10)))
    assert flow.client.next == 1011


def test_what_is_acknowledged_is_behind_too() -> None:
    flow = Watched()
    flow.open()

    flow.see(segment(ACK, 1500, 5001, data=bytes(10)))
    flow.see(segment(ACK, 5001, 1510, to=CLIENT), SERVER)

    assert flow.client.next == 1510


def test_syn_and_fin_take_a_number_each_and_a_reset_none() -> None:
    flow = Watched()
    flow.open()
    assert (flow.client.next, flow.server.next) == (1001, 5001)

    flow.see(segment(RST, 1001, data=b"why"))
    assert flow.client.next == 1001

    flow.see(segment(FIN | ACK, 1001, 5001))
    assert flow.client.next == 1002


def test_numbers_go_on_beyond_32_bits() -> None:
    flow = Watched()
    flow.open(isn=0xFFFF_FFF0)

    flow.see(segment(ACK, 0xFFFF_FFF1, 5001, data=bytes(100)))
    subject = flow.see(segment(ACK, 0x55, 5001))

    assert flow.client.next == 0x1_0000_0055
    assert (subject.sequence, subject.acknowledgment) == (101, 1)


def test_windows_are_in_bytes_when_both_ends_scale() -> None:
    flow = Watched()
    flow.open()
    flow.see(segment(ACK, 1001, 5001, window=100))
    assert flow.client.window == 400

    flow = Watched()
    flow.open(scales=False)
    flow.see(segment(ACK, 1001, 5001, window=100))
    assert flow.client.window == 100


def test_the_latest_timestamp_counts() -> None:
    flow = Watched()
    for value in (0xFFFF_FFFE, 0x5, 0x3):
        flow.see(segment(ACK, 1001, 1, options=(Timestamps(value, 0),)))

    assert flow.client.timestamp == 0x1_0000_0005
    assert flow.client.first_timestamp == 0xFFFF_FFFE


def test_a_new_syn_begins_anew_and_the_same_one_does_not() -> None:
    flow = Watched()
    flow.open()
    flow.see(segment(ACK, 1001, 5001, data=bytes(10)))

    flow.see(segment(SYN, 1000))
    assert flow.client.next == 1011

    flow.see(segment(SYN, 9000))
    assert (flow.client.next, flow.server.next) == (9001, None)


def test_without_a_syn_numbers_are_those_of_the_wire() -> None:
    flow = Watched()

    subject = flow.see(segment(ACK, 1001, 5001, data=bytes(10)))

    assert (subject.sequence, subject.acknowledgment) == (None, None)
    assert (flow.client.next, flow.server.next) == (1011, 5001)
