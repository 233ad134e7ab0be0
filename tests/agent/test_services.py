from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest

from netlab import clock
from netlab.agent import services
from netlab.agent.services import (
    DATAGRAM_SERVICES,
    STREAM_SERVICES,
    Command,
    Dialogue,
    Pause,
    Receive,
    Send,
    Think,
)

#: 2026-01-02 03:04:05 UTC
FIXED = 1_767_323_045


def commands(dialogue: Dialogue, *received: bytes) -> Iterator[Command]:
    """What a dialogue asks for while it receives ``received`` and then the peer's FIN."""
    to_come = itertools.chain(received, itertools.repeat(b""))
    command = next(dialogue)
    while True:
        yield command
        try:
            command = dialogue.send(next(to_come) if isinstance(command, Receive) else b"")
        except StopIteration:
            return


class Stopped:
    """A clock that stands still at so many seconds since 1970."""

    def __init__(self, seconds: float) -> None:
        self._nanoseconds = round(seconds * 1_000_000_000)

    def now(self) -> int:
        return self._nanoseconds

    elapsed = now

    def date(self, elapsed: int) -> int:
        return elapsed


@pytest.fixture
def fixed_time() -> Iterator[None]:
    with clock.of(Stopped(FIXED + 0.9)):
        yield


def test_echo_sends_back_what_it_receives_until_the_peer_closes():
    assert list(commands(services.echo(), b"ab", b"c")) == [
        Receive(),
        Think(),
        Send(b"ab"),
        Receive(),
        Think(),
        Send(b"c"),
        Receive(),
    ]


def test_discard_reads_until_the_peer_closes_and_says_nothing():
    assert list(commands(services.discard(), b"ab", b"c")) == [Receive()] * 3


@pytest.mark.usefixtures("fixed_time")
def test_daytime_sends_one_line_and_closes():
    assert list(commands(services.daytime())) == [
        Think(),
        Send(b"Friday, January 02, 2026 03:04:05-UTC\r\n"),
    ]


def test_daytime_now_reads_like_a_date():
    line = services.daytime_text().decode()
    assert re.fullmatch(r"[A-Z][a-z]+, [A-Z][a-z]+ \d\d, \d{4} \d\d:\d\d:\d\d-UTC\r\n", line)


@pytest.mark.usefixtures("fixed_time")
def test_time_counts_seconds_from_1900_in_network_order():
    assert list(commands(services.time_of_day())) == [
        Think(),
        Send((FIXED + 2_208_988_800).to_bytes(4, "big")),
    ]


def test_time_of_rfc_868s_own_example():
    """RFC 868: "the time 2,208,988,800 corresponds to 00:00 1 Jan 1970 GMT"."""
    with clock.of(Stopped(0)):
        assert int.from_bytes(services.time_bytes(), "big") == 2_208_988_800


def test_time_wraps_in_2036():
    with clock.of(Stopped(2**32 - 2_208_988_800)):
        assert services.time_bytes() == bytes(4)


def test_chargen_lines_rotate_through_the_95_printing_characters():
    """RFC 864: each line is 72 characters and starts one character later than the line before."""
    lines = list(itertools.islice(services.chargen_lines(), 96))
    assert {len(line) for line in lines} == {74}
    assert all(line.endswith(b"\r\n") for line in lines)
    assert lines[0].rstrip(b"\r\n") == bytes(range(0x20, 0x20 + 72))
    for line, following in itertools.pairwise(lines):
        assert following[:71] == line[1:72]
    assert lines[95] == lines[0]
    assert set(b"".join(lines)) == {*range(0x20, 0x7F), 0x0D, 0x0A}


def test_chargen_sends_and_never_reads():
    sent = itertools.islice(commands(services.chargen()), 200)
    assert all(isinstance(command, Send) for command in sent)


def test_every_service_answers_datagrams_as_its_rfc_says():
    assert DATAGRAM_SERVICES["echo"](b"hello") == b"hello"
    assert DATAGRAM_SERVICES["echo"](b"") == b""
    assert DATAGRAM_SERVICES["discard"](b"hello") is None
    assert len(DATAGRAM_SERVICES["time"](b"") or b"") == 4
    assert (DATAGRAM_SERVICES["daytime"](b"") or b"").endswith(b"\r\n")


def test_chargen_datagrams_have_at_most_512_characters():
    """RFC 864: "a datagram containing a random number (between 0 and 512) of characters"."""
    datagram = DATAGRAM_SERVICES["chargen"](b"x") or b""
    assert len(datagram) == 512
    assert datagram.startswith(next(services.chargen_lines()))


def test_the_same_protocols_over_tcp_and_udp():
    assert STREAM_SERVICES.keys() == DATAGRAM_SERVICES.keys()


def test_a_slow_reader_waits_before_it_reads_and_again_each_time():
    dialogue = services.slowly(services.echo(), after=2.0, size=10, every=0.5)
    assert list(commands(dialogue, b"ab")) == [
        Pause(2.0),
        Receive(10),
        Think(),
        Send(b"ab"),
        Pause(0.5),
        Receive(10),
    ]


def test_a_reader_of_all_answers_nothing_before_the_end():
    dialogue = services.slowly(services.echo(), after=2.0, size=2, every=0.5, until_eof=True)
    assert list(commands(dialogue, b"abc", b"d", b"")) == [
        Receive(),
        Receive(),
        Receive(),
        Pause(2.0),
        Think(),
        Send(b"ab"),
        Pause(0.5),
        Think(),
        Send(b"cd"),
        Pause(0.5),
    ]


def test_so_many_bytes_and_then_the_end():
    dialogue = services.up_to(services.chargen(), 100)
    sent = [command.data for command in commands(dialogue) if isinstance(command, Send)]
    assert [len(data) for data in sent] == [74, 26]


def test_nothing_is_sent_of_no_bytes():
    assert next(services.up_to(services.chargen(), 0), None) is None


def test_a_dialogue_that_ends_before_its_size_ends():
    assert len(list(commands(services.up_to(services.time_of_day(), 100)))) == 2


def test_a_request_says_how_a_dialogue_is_played():
    reading = {"after": 1.0, "size": 5, "every": 0.0}
    slow = services.stream_dialogue({"protocol": "discard", "read": reading})
    assert next(slow) == Pause(1.0)
    limited = services.stream_dialogue({"protocol": "chargen", "size": 3})
    assert list(commands(limited)) == [Send(b' !"')]
