from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import checksum, icmpv6, igmp, mld
from netlab.wire.address import from_text
from netlab.wire.errors import ParseError
from netlab.wire.icmpv6 import Icmpv6, Type
from netlab.wire.membership import Record, decoded

G4, G6, A6, ALL = map(from_text, ("239.1.2.3", "ff15::7", "fe80::1", "ff02::16"))


def records(size: int) -> st.SearchStrategy[list[Record]]:
    address = st.binary(min_size=size, max_size=size)
    sources = st.lists(address, max_size=3).map(tuple)
    return st.lists(st.builds(Record, st.integers(0, 255), address, sources), max_size=5)


@given(records(4))
def test_igmp_reports_round_trip(given_: list[Record]):
    message = igmp.report(given_)
    assert igmp.parse(message).records == tuple(given_)
    assert checksum.is_valid(checksum.raw_sum(message))


@given(records(16))
def test_mld_reports_round_trip(given_: list[Record]):
    message, _ = icmpv6.parse(mld.report(given_).emit(b"", A6, ALL))
    assert mld.parse_report(message) == tuple(given_)


@given(st.sampled_from((1, 2, 3)), st.integers(1, 127))
def test_igmp_queries_tell_their_version(version: int, tenths: int):
    parsed = igmp.parse(igmp.query(G4, max_response=tenths, version=version))
    assert (parsed.version, parsed.group) == (version, G4)
    assert parsed.max_response == (100 if version == 1 else tenths)


@given(st.sampled_from((1, 2)), st.integers(0, 32767))
def test_mld_queries_tell_their_version(version: int, milliseconds: int):
    query = mld.Query(G6, milliseconds, version)
    assert mld.parse_query(query.message()) == query


def test_sources_of_a_query():
    sources = (from_text("10.0.0.1"), from_text("10.0.0.2"))
    assert igmp.parse(igmp.query(G4, sources=sources)).sources == sources


def test_older_messages_have_a_group():
    leave = igmp.parse(igmp.older(igmp.Type.V2_LEAVE, G4))
    assert (leave.type, leave.group, leave.records) == (igmp.Type.V2_LEAVE, G4, ())


def test_codes_with_an_exponent():
    assert decoded(127, 4) == 127
    assert decoded(0x80, 4) == 128
    assert decoded(0xFF, 4) == 31744
    assert decoded(0x8000, 12) == 32768
    assert decoded(0xFFFF, 12) == 8387584


@given(st.binary(max_size=80))
def test_noise_is_a_message_or_a_parse_error(data: bytes):
    for parse in (igmp.parse, lambda d: mld.parse_report(icmpv6.parse(d)[0])):
        with suppress(ParseError):
            parse(b"\x22" + data)


@pytest.mark.parametrize("size", [9, 11])
def test_a_query_of_a_length_that_no_version_has(size: int):
    with pytest.raises(ParseError, match="neither 8 nor 12"):
        igmp.parse(igmp.query()[:8] + bytes(size - 8))
    with pytest.raises(ParseError, match="neither 24 nor 28"):
        mld.parse_query(Icmpv6(Type.MULTICAST_LISTENER_QUERY, body=bytes(17)))
