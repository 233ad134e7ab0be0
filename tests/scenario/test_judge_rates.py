from __future__ import annotations

from typing import Any

from netlab.scenario.verdict import Judgement
from netlab.testing.judging import PLACE, judged
from netlab.testing.runs import operation
from netlab.topology.expectations import Bounds, GoodputExpected, RateExpected

#: 1000 bytes of data in frames of 1042, ten milliseconds apart: 833.6 kbit/s.
STREAM = "\n".join(f"@{start}ms c1 > server UDP len=1000" for start in (1, 11, 21, 31))


def rate(bounds: Bounds, *, text: str = STREAM, of_packets: bool = False) -> Judgement:
    expectation = RateExpected(
        **PLACE, expression="udp", bounds=bounds, of_packets=of_packets, at="server"
    )
    return judged(expectation, text)


def test_bits_per_second_between_the_first_and_the_last_packet() -> None:
    judgement = rate(Bounds("830 kbit/s to 840 kbit/s", 830_000, 840_000))

    assert judgement.passed
    assert judgement.expected == "830 kbit/s to 840 kbit/s at server: udp"
    assert judgement.seen == "833.6 kbit/s: 4 packets in 30.0 ms (frames 2 to 8)"
    assert judgement.frames == (2, 8)


def test_how_far_off_it_is() -> None:
    judgement = rate(Bounds("at least 1 Mbit/s", low=1e6))

    assert not judgement.passed
    assert judgement.seen.splitlines()[1] == "16.6% too low"


def test_packets_per_second() -> None:
    assert rate(Bounds("100 packets/s", 100, 100), of_packets=True).passed
    judgement = rate(Bounds("under 50 packets/s", high=50), of_packets=True)
    assert judgement.seen == (
        "100 packets/s: 4 packets in 30.0 ms (frames 2 to 8)\n100.0% too high"
    )


def test_one_packet_has_no_rate() -> None:
    judgement = rate(Bounds("at least 1 bit/s", low=1), text="c1 > server UDP len=1000")
    assert (judgement.passed, judgement.seen) == (False, "1 of two packets that a rate needs")


def goodput(bounds: Bounds, **data: Any) -> Judgement:
    expectation = GoodputExpected(**PLACE, connection="bulk", bounds=bounds)
    return judged(expectation, "", [operation("bulk", **data)] if data else [])


AT_LEAST_5 = Bounds(">= 5 Mbit/s", low=5e6)


def test_an_operation_tells_its_goodput_in_bytes_per_second() -> None:
    judgement = goodput(AT_LEAST_5, op="transfer", bytes=10, took=80_000, goodput=1_000_000)

    assert judgement.passed
    assert judgement.expected == "goodput of bulk >= 5 Mbit/s"
    assert judgement.seen == "8 Mbit/s"


def test_or_it_is_what_it_carried_in_the_time_it_took() -> None:
    judgement = goodput(AT_LEAST_5, op="request", bytes=1000, took=2_000_000)

    assert not judgement.passed
    assert judgement.seen == "4 Mbit/s: 1000 bytes in 2.0 ms\n20.0% too low"


def test_without_data_there_is_none() -> None:
    judgement = goodput(AT_LEAST_5)
    assert (judgement.passed, judgement.seen) == (False, "no operation on bulk carried data")
