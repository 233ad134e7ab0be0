from __future__ import annotations

from netlab.scenario.verdict import Judgement
from netlab.testing.judging import PLACE, judged
from netlab.testing.runs import connected
from netlab.topology.expectations import IsnExpected

#: A clock of 4 µs counts 250 in a millisecond. The second connection has the first one's ports.
TALK = """
    @1ms c1 > server  SYN seq=0 isn=4294967290
    @3ms server > c1  SYN ACK seq=0 ack=1 isn=9000
    @5ms c1 > server  RST seq=1
    @101ms c1 > server  SYN seq=0 isn=24990
    @103ms server > c1  SYN ACK seq=0 ack=1 isn=9000
    @201ms c1:40001 > server  SYN seq=0 isn=77
"""
NAMES = [
    connected("first", at=4, took=4),
    connected("second", at=104, took=4),
    connected("other", at=204, took=4, local="10.0.0.2:40001"),
]


def told(
    *ends: str, tick: float | None = None, tolerance: float = 0.01, text: str = TALK
) -> Judgement:
    pairs = tuple((name, node or None) for name, _, node in (end.partition("@") for end in ends))
    expectation = IsnExpected(**PLACE, ends=pairs, tick=tick, tolerance=tolerance)
    return judged(expectation, text, NAMES)


def test_numbers_that_differ() -> None:
    judgement = told("first", "second", "other", "first@server")
    assert judgement.passed
    assert judgement.seen == (
        "first 4294967290 at 0.001000 s\n"
        "second 24990 at 0.101000 s\n"
        "other 77 at 0.201000 s\n"
        "first@server 9000 at 0.003000 s"
    )
    assert judgement.frames == (1, 7, 11, 3)


def test_numbers_that_do_not() -> None:
    judgement = told("first@server", "first", "second@server")
    assert not judgement.passed
    assert judgement.seen.endswith("\nsecond@server has the number of first@server")


def test_a_clock_goes_on_beyond_2_32() -> None:
    assert told("first", "second", tick=4e-6).passed


def test_a_clock_may_have_turned_more_than_once() -> None:
    """1 ps counts 10^11 in 100 ms, which is 23 times 2^32 and 1,215,752,192."""
    text = TALK.replace("isn=4294967290", "isn=0").replace("isn=24990", "isn=1215752192")
    assert told("first", "second", tick=1e-12, tolerance=1e-6, text=text).passed


def test_another_clock() -> None:
    judgement = told("first", "second", tick=64e-9)
    assert not judgement.passed
    assert judgement.seen.endswith(
        "second is 24996 above first, while the clock counts 1562500 in 100.0 ms"
    )


def test_a_number_that_falls_is_not_above() -> None:
    judgement = told("first@server", "second@server", tick=4e-6)
    assert "second@server is 0 above first@server" in judgement.seen


def test_other_ports_begin_elsewhere() -> None:
    judgement = told("first", "other", tick=4e-6)
    assert judgement.seen.endswith(
        "other has other addresses or ports than first, for which numbers begin elsewhere"
        " (RFC 6528)"
    )


def test_what_was_not_seen() -> None:
    assert told("first", "other@server").seen == "no SYN of other@server was seen"
    assert told("first", "first@r1").seen.startswith("r1 is no end of first")
    assert told("first", "talk").seen.startswith("no packet of talk")
