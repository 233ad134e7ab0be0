"""Packets that a scenario let a router send in an end's name are told from the end's own."""

from __future__ import annotations

from netlab.analyse.model import Connection
from netlab.collect.events import Event
from netlab.testing.dialogue import MILLISECOND
from netlab.testing.plans import routed
from netlab.testing.runs import analysed, only_connection

OPENED = """
    c1 > server  SYN seq=0 isn=1000
    server > c1  SYN ACK seq=0 ack=1 isn=5000 win=1000
    c1 > server  ACK seq=1 ack=1
"""
CLIENT, SERVER = "10.0.0.2:40000", "10.0.1.1:7"


def injected(length: int, sequence: int | None, *, source: str = CLIENT, node: str = "r1") -> Event:
    data = {
        "transport": "udp" if sequence is None else "tcp",
        "from": source,
        "to": SERVER if source == CLIENT else CLIENT,
        "len": length,
        "seq_raw": sequence,
    }
    return Event(30 * MILLISECOND, "injected", node, "first", data)


def connection(text: str, *events: Event) -> Connection:
    return only_connection(routed(), OPENED + text, events)


def test_the_ladder_says_who_sent_it() -> None:
    found = connection("c1 > server ACK seq=1 ack=1 len=5 by=r1", injected(5, 1001))

    last = found.arrows[-1]
    assert last.notes == ("injected by r1",)
    assert last.label == "data 1:6 (5), ACK 1"
    assert last.transit.sent is None
    assert last.transit.received is not None


def test_without_an_event_it_is_a_copy_made_on_the_way() -> None:
    text = "c1 > server ACK seq=1 ack=1 len=5\n c1 > server ACK seq=1 ack=1 len=5 id=9 by=r1"

    assert connection(text).arrows[-1].notes == ("copied on the way",)
    assert connection(text, injected(5, 1001)).arrows[-1].notes == ("injected by r1",)


def test_one_event_is_one_packet() -> None:
    text = """
        c1 > server ACK seq=1 ack=1 len=5 by=r1
        c1 > server ACK seq=1 ack=1 len=5 by=r1
        c1 > server ACK seq=1 ack=1 len=5 by=r1
    """

    notes = [arrow.notes for arrow in connection(text, *[injected(5, 1001)] * 2).arrows[3:]]

    assert notes[:2] == [("injected by r1",)] * 2
    assert "injected by r1" not in notes[2]


def test_what_the_end_sends_itself_and_others_forward_is_not_meant() -> None:
    found = connection(
        """
        c1 > server ACK seq=1 ack=1 len=5
        c1 > server ACK seq=6 ack=1 len=5 by=r1
        server > c1 ACK seq=1 ack=11 len=5 by=r1
        """,
        injected(5, 1001),
        injected(4, 1006),
        injected(5, 5001),
    )

    assert [arrow.transit.injected_by for arrow in found.arrows] == [None] * 6


def test_its_supposed_sender_has_not_sent_it() -> None:
    found = connection(
        """
        c1 > server ACK seq=5001 ack=1 len=5 by=r1
        server > c1 ACK seq=1 ack=1 win=1000
        c1 > server ACK seq=1 ack=1 len=5
        server > c1 ACK seq=1 ack=6 win=1000
        """,
        injected(5, 6001),
    )

    assert found.client.bytes_sent == 5
    assert [arrow.notes for arrow in found.arrows[3:]] == [("injected by r1",), (), (), ()]


def test_a_syn_begins_no_other_connection_and_moves_no_numbers() -> None:
    found = connection(
        """
        c1 > server SYN seq=100 by=r1
        server > c1 ACK seq=1 ack=1
        c1 > server ACK seq=1 ack=1 len=5
        """,
        injected(0, 1100),
    )

    assert [arrow.label for arrow in found.arrows[3:]] == [
        "SYN",
        "ACK 1",
        "data 1:6 (5), ACK 1",
    ]
    assert found.arrows[3].sequence == 100


def test_what_answers_an_old_syn_is_not_sent_again() -> None:
    found = connection(
        """
        c1 > server RST ACK seq=1 ack=1
        c1 > server SYN seq=0 by=r1
        server > c1 SYN ACK seq=0 ack=1 isn=9000
        c1 > server RST seq=1
        """,
        injected(0, 1000),
    )

    assert [arrow.label for arrow in found.arrows[5:]] == ["SYN, ACK 1", "RST"]
    assert found.arrows[5].notes == ()


def test_a_reset_ends_who_gets_it_alone() -> None:
    found = connection("c1 > server RST seq=1 by=r1", injected(0, 1001))

    assert [change.state for change in found.server.states][-1] == "CLOSED"
    assert [change.state for change in found.client.states][-1] == "ESTABLISHED"


def test_datagrams_are_told_too() -> None:
    text = "c1 > server UDP len=5\n c1 > server UDP len=5 by=r1"

    found = analysed(routed(), text, [injected(5, None)])

    assert [transit.injected_by for transit in found.transits] == [None, "r1"]


def test_what_a_node_sends_in_its_own_name_is_its_own() -> None:
    found = analysed(routed(), "c1 > server UDP len=5", [injected(5, None, node="c1")])

    assert [transit.injected_by for transit in found.transits] == [None]
