from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.wire import netlink
from netlab.wire.errors import ParseError
from netlab.wire.netlink import Acknowledgment, Message, Request


def error(errno: int, flags: int, quoted: bytes, extended: bytes = b"") -> bytes:
    body = struct.pack("=i", -errno) + quoted + extended
    return struct.pack("=IHHII", 16 + len(body), 2, flags, 7, 0) + body


REQUEST = Request(20, netlink.NLM_F_ACK, b"12345").emit(7)
TEXT = netlink.attribute(1, b"Nexthop has invalid gateway\0")


def only(buffer: bytes) -> Message:
    (message,) = netlink.messages(buffer)
    return message


def test_a_batch_numbers_its_requests_and_aligns_them() -> None:
    buffer = netlink.batch([Request(20, 0, b"12345"), Request(24, 4, b"")], first_sequence=3)
    assert list(netlink.messages(buffer)) == [
        Message(20, netlink.NLM_F_REQUEST, 3, b"12345"),
        Message(24, netlink.NLM_F_REQUEST | 4, 4, b""),
    ]
    assert len(buffer) == 24 + 16


def test_success_is_an_error_of_zero() -> None:
    answer = only(error(0, netlink.NLM_F_CAPPED, REQUEST[:16]))
    assert netlink.acknowledgment(answer) == Acknowledgment(7, 0, "")


def test_the_kernels_text_stands_behind_the_whole_request() -> None:
    answer = only(error(22, netlink.NLM_F_ACK_TLVS, REQUEST, TEXT))
    assert netlink.acknowledgment(answer) == Acknowledgment(7, 22, "Nexthop has invalid gateway")


def test_or_behind_its_header_when_the_answer_is_capped() -> None:
    flags = netlink.NLM_F_ACK_TLVS | netlink.NLM_F_CAPPED
    answer = only(error(101, flags, REQUEST[:16], TEXT))
    assert netlink.acknowledgment(answer) == Acknowledgment(7, 101, "Nexthop has invalid gateway")


def test_a_dump_that_fails_says_so_at_its_end() -> None:
    failed = Message(netlink.NLMSG_DONE, 0, 7, struct.pack("=i", -105))
    assert failed.is_done
    assert netlink.acknowledgment(failed) == Acknowledgment(7, 105)
    assert netlink.acknowledgment(Message(netlink.NLMSG_DONE, 0, 7, bytes(4))) is None


def test_other_messages_are_no_acknowledgments() -> None:
    assert netlink.acknowledgment(Message(16, 0, 7, bytes(16))) is None


@pytest.mark.parametrize("buffer", [b"\x10", REQUEST[:-4], b"\x0f\0\0\0" + bytes(12)])
def test_a_message_cut_short_is_refused(buffer: bytes) -> None:
    with pytest.raises(ParseError, match="netlink message"):
        list(netlink.messages(buffer))


@given(st.dictionaries(st.integers(0, 0x3FFF), st.binary(max_size=20), max_size=6))
def test_attributes_come_back(sent: dict[int, bytes]) -> None:
    packed = b"".join(netlink.attribute(kind, data) for kind, data in sent.items())
    assert netlink.attributes(packed) == sent
    assert netlink.attributes(packed + b"\x03\0\x01\0") == sent


def test_numbers() -> None:
    assert netlink.number(netlink.attributes(netlink.attribute_u32(4, 1500))[4]) == 1500
    assert netlink.number(None) == 0


@given(st.binary(max_size=60))
def test_noise_raises_nothing_but_parse_errors(noise: bytes) -> None:
    netlink.attributes(noise)
    with suppress(ParseError):
        assert all(isinstance(message, Message) for message in netlink.messages(noise))
    for kind in (netlink.NLMSG_ERROR, netlink.NLMSG_DONE):
        netlink.acknowledgment(Message(kind, netlink.NLM_F_ACK_TLVS, 1, noise))
