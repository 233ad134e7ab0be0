from __future__ import annotations

from dataclasses import replace
from typing import Any

from netlab.collect.samples import InfoSampler
from netlab.collect.table import Socket
from netlab.wire.tcp_info import TcpInfo

TEN = TcpInfo("open", 0, 204_000, 1448, 0, 0, 0, 0, 669, 1153, None, 10, 0)
TALK = Socket("tcp", "10.0.0.2:40000", "10.0.0.1:7", "ESTABLISHED", 1)


class PlayedTable:
    """A kernel that knows the next of some things each time it is asked."""

    def __init__(self, *sights: list[tuple[Socket, TcpInfo]]) -> None:
        self._sights = list(sights)

    def read_info(self) -> list[tuple[Socket, TcpInfo]]:
        return self._sights.pop(0)


def sampled(*sights: list[tuple[Socket, TcpInfo]]) -> tuple[InfoSampler, list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []
    table: Any = PlayedTable(*sights)
    sampler = InfoSampler("c1", table, told.append, 0.01)
    for _ in sights:
        sampler.look()
    return sampler, told


def test_a_sample_is_told_with_times_in_nanoseconds() -> None:
    _, (event,) = sampled([(TALK, TEN)])

    assert event.pop("t") > 0
    assert event == {
        "kind": "tcpinfo",
        "node": "c1",
        "local": "10.0.0.2:40000",
        "foreign": "10.0.0.1:7",
        "cwnd": 10,
        "ssthresh": None,
        "mss": 1448,
        "srtt": 669_000,
        "rttvar": 1_153_000,
        "rto": 204_000_000,
        "unacked": 0,
        "sacked": 0,
        "lost": 0,
        "retrans": 0,
        "total_retrans": 0,
        "phase": "open",
    }


def test_what_stays_the_same_is_told_once() -> None:
    grown = replace(TEN, cwnd=11)
    _, told = sampled([(TALK, TEN)], [(TALK, TEN)], [(TALK, grown)], [(TALK, grown)])

    assert [event["cwnd"] for event in told] == [10, 11]


def test_it_rests_when_the_last_connection_is_gone_until_it_is_woken() -> None:
    sampler, _ = sampled([(TALK, TEN)])
    assert sampler.next_look is not None
    sampler, _ = sampled([(TALK, TEN)], [])
    assert sampler.next_look is None
    sampler.wake()
    assert sampler.next_look is not None


def test_being_woken_again_does_not_put_off_the_next_sample() -> None:
    sampler, _ = sampled([(TALK, TEN)])
    before = sampler.next_look
    sampler.wake()
    assert sampler.next_look == before
