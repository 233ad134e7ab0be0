from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import checksum, tcp, tcp_segments
from netlab.wire.tcp import FLAGS, Flags, Tcp
from netlab.wire.tcp_options import Timestamps

A, B = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))


@given(
    st.binary(min_size=1, max_size=5000),
    st.integers(1, 1500),
    st.integers(0, 2**32 - 1),
    st.integers(0, 255),
    st.booleans(),
)
def test_the_pieces_are_segments_of_the_whole(
    payload: bytes, size: int, sequence: int, flags: int, stamped: bool
):
    options = (Timestamps(1, 2),) if stamped else ()
    header = Tcp(1, 2, sequence, 99, FLAGS[flags], 500, options=options)
    pieces = list(tcp_segments.cut(header, payload, max(size, len(payload) // 50), A, B))
    assert b"".join(part for _, part in pieces) == payload
    expected = sequence
    for number, (head, part) in enumerate(pieces):
        segment = head + bytes(part)
        pseudo = checksum.pseudo_header(A, B, tcp.PROTOCOL, len(segment))
        assert checksum.is_valid(checksum.raw_sum(segment) + pseudo)
        parsed, _ = tcp.parse(segment)
        assert parsed.sequence == expected
        assert (parsed.options, parsed.acknowledgment, parsed.window) == (options, 99, 500)
        is_last = number == len(pieces) - 1
        for flag, kept in ((Flags.FIN, is_last), (Flags.PSH, is_last), (Flags.CWR, number == 0)):
            assert parsed.has(flag) == (kept and header.has(flag))
        assert parsed.has(Flags.ACK) == header.has(Flags.ACK)
        expected = expected + len(part) & 0xFFFFFFFF


def test_what_an_interface_sums_up_has_the_pseudo_header_in_its_place():
    header = Tcp(1, 2, 3, 4, FLAGS[16])
    payload = b"some text"
    head = bytearray(tcp_segments.partial(header, len(payload), A, B))
    # As hardware does it: sum from the transport header on, and store the complement.
    value = checksum.finish(checksum.raw_sum(bytes(head) + payload))
    head[16:18] = value.to_bytes(2, "big")
    assert bytes(head) + payload == header.emit(payload, A, B)
