from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.ip import reassembly
from netlab.stack.ip.counters import Counted
from netlab.stack.ip.datagram import Received
from netlab.stack.ip.fragments import fragment_ipv4, fragment_ipv6
from netlab.stack.ip.reassembly import Reassembly
from netlab.stack.ip.refused import Refused
from netlab.stack.units import SECOND
from netlab.wire import ipv4, ipv6
from netlab.wire.address import from_text
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, ExtensionType, Ipv6

A, B = from_text("10.0.0.1"), from_text("10.0.0.2")
A6, B6 = from_text("fd00::1"), from_text("fd00::2")
LINK = None  # fragments do not look at their interface


def received(datagram: bytes) -> Received:
    parse = ipv4.parse if datagram[0] >> 4 == 4 else ipv6.parse
    ip, start = parse(datagram)
    view = memoryview(datagram)
    return Received(LINK, ip, view[start : ip.total_length], view)  # type: ignore[arg-type] # nobody looks


def pieces(payload: bytes, mtu: int, *, version: int = 4, number: int = 1) -> list[bytes]:
    if version == 4:
        ip = Ipv4(A, B, 17, identification=number)
        return [h.emit(d) for h, d in fragment_ipv4(ip, payload, mtu)]
    return [h.emit(d) for h, d in fragment_ipv6(Ipv6(A6, B6, 17), payload, mtu, number)]


def put_together(fragments: list[bytes], table: Reassembly | None = None) -> Received | None:
    table = table or Reassembly(SECOND)
    whole = None
    for fragment in fragments:
        whole = table.add(0, received(fragment)) or whole
    return whole


@given(
    st.binary(min_size=1, max_size=9000),
    st.sampled_from(((4, 68), (4, 576), (4, 1500), (6, 1280), (6, 1500))),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_in_any_order_and_twice_they_make_the_datagram(
    payload: bytes, kind: tuple[int, int], chance: Random, twice: bool
):
    version, mtu = kind
    cut = pieces(payload, mtu, version=version)
    assert all(len(piece) <= mtu for piece in cut)
    if len(cut) == 1:
        return
    chance.shuffle(cut)
    table = Reassembly(SECOND)
    again = cut[:-1] * 2 + cut[-1:] if twice else cut
    whole = put_together(again, table)
    assert whole is not None
    assert bytes(whole.payload) == payload
    assert not whole.ip.is_fragment
    assert (len(table), table.memory, table.next_timeout()) == (0, 0, None)


def test_a_fragment_may_be_fragmented_again():
    once = pieces(bytes(range(200)) * 10, 1500)
    twice = []
    for piece in once:
        ip, start = ipv4.parse(piece)
        twice += [h.emit(d) for h, d in fragment_ipv4(ip, piece[start:], 400)]
    assert len(twice) > len(once)
    whole = put_together(twice[::-1])
    assert whole is not None
    assert bytes(whole.payload) == bytes(range(200)) * 10


def test_options_are_copied_if_they_say_so():
    router_alert, record_route = b"\x94\x04\0\0", b"\x07\x07\x04\0\0\0\0"
    ip = Ipv4(A, B, 17, options=router_alert + record_route + b"\0")
    first, second = [h for h, _ in fragment_ipv4(ip, bytes(2000), 1500)]
    assert first.options == ip.options
    assert second.options == router_alert


def test_headers_for_every_hop_stay_in_front_of_each_fragment():
    hop, destination = (
        ExtensionHeader(ExtensionType.HOP_BY_HOP, bytes(6)),
        ExtensionHeader(ExtensionType.DESTINATION_OPTIONS, b"\x01\x04" + bytes(4)),
    )
    ip = Ipv6(A6, B6, 17, extensions=(hop, destination))
    cut = [h.emit(d) for h, d in fragment_ipv6(ip, bytes(3000), 1500, 7)]
    kinds = [[e.type for e in ipv6.parse(piece)[0].extensions] for piece in cut]
    assert kinds == [[0, 44, 60], [0, 44], [0, 44]]
    whole = put_together(cut)
    assert whole is not None
    assert whole.ip == ip
    assert bytes(whole.payload) == bytes(3000)


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize(("there", "comes"), [(0, 1), (1, 0), (1, 1)])
def test_fragments_that_overlap_are_all_dropped(version: int, there: int, comes: int):
    cut = pieces(bytes(4000), 1400, version=version)
    evil = pieces(b"\1" * 4000, 1400 if there == comes else 1500, version=version)
    if there < comes:
        cut, evil = evil, cut
    table = Reassembly(SECOND)
    table.add(0, received(cut[there]))
    with pytest.raises(Refused, match=Counted.REASSEMBLY_OVERLAPS):
        table.add(0, received(evil[comes]))
    assert len(table) == 0
    assert table.memory == 0


def test_a_second_end_is_a_lie():
    table = Reassembly(SECOND)
    table.add(0, received(Ipv4(A, B, 17, fragment_offset=800).emit(bytes(8))))
    with pytest.raises(Refused):
        table.add(0, received(Ipv4(A, B, 17, fragment_offset=1600).emit(bytes(8))))
    table.add(0, received(Ipv4(A, B, 17, fragment_offset=800).emit(bytes(8))))
    beyond = Ipv4(A, B, 17, fragment_offset=1600, more_fragments=True)
    with pytest.raises(Refused):
        table.add(0, received(beyond.emit(bytes(8))))


def test_what_does_not_fit_into_a_datagram_is_refused():
    with pytest.raises(Refused) as caught:
        Reassembly(SECOND).add(0, received(Ipv4(A, B, 17, fragment_offset=65528).emit(bytes(8))))
    assert caught.value.answer is None
    header = ipv6.fragment_header(65528, 1, more=False)
    with pytest.raises(Refused) as caught:
        Reassembly(SECOND).add(0, received(Ipv6(A6, B6, 17, extensions=(header,)).emit(bytes(8))))
    assert caught.value.answer is not None
    assert caught.value.answer.parameter == 42  # the fragment offset


def test_a_fragment_of_ipv6_that_is_no_multiple_of_eight_is_a_problem_of_its_length():
    header = ipv6.fragment_header(0, 1, more=True)
    with pytest.raises(Refused) as caught:
        Reassembly(SECOND).add(0, received(Ipv6(A6, B6, 17, extensions=(header,)).emit(bytes(9))))
    assert caught.value.answer is not None
    assert (caught.value.answer.type, caught.value.answer.parameter) == (4, 4)


@pytest.mark.parametrize(("protocol", "least"), [(6, 20), (17, 8), (58, 8)])
def test_a_first_fragment_without_all_headers_is_refused(protocol: int, least: int):
    header = ipv6.fragment_header(0, 1, more=True)
    ip = Ipv6(A6, B6, protocol, extensions=(header,))
    enough = -(-least // 8) * 8
    Reassembly(SECOND).add(0, received(ip.emit(bytes(enough))))
    if least > 8:
        with pytest.raises(Refused) as caught:
            Reassembly(SECOND).add(0, received(ip.emit(bytes(enough - 8))))
        assert caught.value.answer is not None
        assert (caught.value.answer.type, caught.value.answer.code) == (4, 3)


@pytest.mark.parametrize(("version", "seconds"), [(4, 30), (6, 60)])
def test_what_stays_incomplete_is_given_up(version: int, seconds: int):
    table = Reassembly(seconds * SECOND)
    first, *_ = pieces(bytes(4000), 1500, version=version)
    table.add(0, received(first))
    _, second, *_ = pieces(bytes(4000), 1500, version=version, number=2)
    table.add(1, received(second))
    assert table.next_timeout() == seconds * SECOND
    lost = table.handle_timeout(seconds * SECOND + 1)
    assert [r and bytes(r.datagram) for r in lost] == [first, None]
    assert table.memory == 0


def test_a_flood_of_fragments_takes_a_bounded_share():
    table = Reassembly(SECOND)
    for number in range(3 * reassembly.MAX_INCOMPLETE):
        first, *_ = pieces(bytes(9000), 9000, number=number % 65536)
        table.add(number, received(first))
        assert table.memory <= reassembly.MEMORY_LIMIT
    assert 0 < len(table) <= reassembly.MAX_INCOMPLETE


def test_congestion_that_one_fragment_met_all_have():
    def marked(*marks: int) -> int:
        whole = put_together(
            [
                Ipv4(A, B, 17, more_fragments=True, ecn=marks[0]).emit(bytes(8)),
                Ipv4(A, B, 17, fragment_offset=8, ecn=marks[1]).emit(bytes(8)),
            ]
        )
        assert whole is not None
        return whole.ip.ecn

    assert marked(2, 3) == 3
    assert marked(2, 2) == 2
    with pytest.raises(Refused):
        marked(0, 3)
