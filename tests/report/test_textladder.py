from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.analyse.model import Arrow, Connection, Endpoint, Source, StateChange, Transit
from netlab.collect.events import Event
from netlab.report.columns import width
from netlab.report.run import Run
from netlab.report.textladder import ladder
from netlab.testing.plans import two_hosts
from netlab.testing.runs import connected_both_ways, only_connection
from netlab.wire.tcp import Flags

FIGURE = """\
    time ms  c1 10.0.0.2:1500                                 server 10.0.0.1:7
      0.000              |                                         | LISTEN
      0.000     SYN_SENT |-- SYN, MSS 536 ------------------------>| SYN_RCVD
      0.060  ESTABLISHED |<- SYN, ACK 1, MSS 1460 -----------------|
      0.120              |-- ACK 1 ------------------------------->| ESTABLISHED
      0.200              |-- data 1:101 (100), ACK 1 ------------->|
      0.300              |<- data 1:101 (100), ACK 101 ------------|
      0.360              |-- ACK 101 ----------------------------->|
      0.400   FIN_WAIT_1 |-- FIN, ACK 101 ------------------------>| CLOSE_WAIT
      0.460   FIN_WAIT_2 |<- ACK 102 ------------------------------|
      0.900    TIME_WAIT |<- FIN, ACK 102 -------------------------| LAST_ACK
      0.960              |-- ACK 102 ----------------------------->| CLOSED
"""


def lines_with(drawing: str, text: str) -> list[str]:
    return [line for line in drawing.splitlines() if text in line]


def test_the_observed_exchange_is_drawn_as_figure_2_5(observed: Connection) -> None:
    assert ladder(observed) == FIGURE


def test_calls_stand_at_the_end_that_made_them(observed: Connection, run: Run) -> None:
    drawing = ladder(observed, run.events)
    assert "| [connect]      " in drawing
    assert "| [connect returns]" in drawing
    assert "| [send 100 bytes]" in drawing
    assert "[accept returns] |" in drawing


def test_a_listening_socket_stands_beside_the_call_that_meets_it(
    observed: Connection, run: Run
) -> None:
    assert lines_with(ladder(observed, run.events), "LISTEN")[0].split() == [
        "-0.001",
        "|",
        "[connect]",
        "|",
        "LISTEN",
    ]


def test_a_lost_packet_ends_in_an_x_that_names_the_hop(
    observed: Connection, segment: Callable[..., Arrow]
) -> None:
    lost = segment(0, "SYN", Flags.SYN, lost_after="r1:eth1")
    drawing = ladder(replace(observed, arrows=(lost,)))
    assert f"|-- SYN {33 * '-'}x|" in drawing
    assert "|   x lost after r1:eth1 " in drawing


def test_a_packet_that_a_router_took_in_and_dropped_was_lost_in_it(
    observed: Connection, segment: Callable[..., Arrow]
) -> None:
    lost = segment(0, "SYN", Flags.SYN, lost_after="r1:eth0")
    arrived = replace(lost.transit.first, node="r1", outbound=False)
    transit = replace(lost.transit, hops=(*lost.transit.hops, arrived))
    drawing = ladder(replace(observed, arrows=(replace(lost, transit=transit),)))
    assert "|   x lost in r1 " in drawing


def test_a_lost_answer_points_back(observed: Connection, segment: Callable[..., Arrow]) -> None:
    lost = segment(0, "RST", Flags.RST, forward=False, lost_after="server:eth0")
    assert f"|x- RST {34 * '-'}|" in ladder(replace(observed, arrows=(lost,)))


def test_remarks_follow_the_label(observed: Connection, segment: Callable[..., Arrow]) -> None:
    again = segment(0, "ACK 1", Flags.ACK, notes=("retransmission",))
    assert "ACK 1, (retransmission) -" in ladder(replace(observed, arrows=(again,)))


def test_a_label_too_long_for_the_arrow_goes_on_below(
    observed: Connection, segment: Callable[..., Arrow]
) -> None:
    long = segment(0, "SYN, MSS 1460, SACK permitted, TS 1 0, WS 7", Flags.SYN)
    first, second = ladder(replace(observed, arrows=(long,))).splitlines()[2:4]
    assert "|-- SYN, MSS 1460, SACK permitted, ------>|" in first
    assert "|   TS 1 0, WS 7 " in second


def test_an_icmp_error_is_dashed_and_says_who_sent_it(
    observed: Connection, too_big: Transit
) -> None:
    drawing = ladder(replace(observed, related=(too_big,)))
    (line,) = lines_with(drawing, "ICMP")
    assert "|<- ICMP fragmentation needed, MTU - - - -|" in line
    assert "|   1400 from r1 " in drawing


def test_a_side_that_was_not_captured_is_said_to_be(observed: Connection) -> None:
    arrow = observed.arrows[0]
    transit = replace(arrow.transit, received=None, hops=arrow.transit.hops[:1])
    server = replace(observed.server, endpoint=Endpoint(None, "10.0.0.1", 7), states=())
    drawing = ladder(
        replace(observed, server=server, arrows=(replace(arrow, transit=transit),))
    ).splitlines()
    assert drawing[0].endswith("  10.0.0.1:7")
    assert drawing[1].endswith("(not captured)")
    assert drawing[2].endswith("-?|")


def test_datagrams_have_no_states_to_capture(observed: Connection) -> None:
    client, server = (replace(end, states=()) for end in (observed.client, observed.server))
    datagrams = replace(observed, transport="udp", client=client, server=server)
    assert "not captured" not in ladder(datagrams)


def test_a_sender_that_was_not_captured_is_a_question_mark(observed: Connection) -> None:
    arrow = observed.arrows[0]
    transit = replace(arrow.transit, sent=None, hops=arrow.transit.hops[1:])
    assert "|?- SYN" in ladder(replace(observed, arrows=(replace(arrow, transit=transit),)))


def test_a_state_long_after_a_packet_has_a_line_and_a_time_of_its_own(observed: Connection) -> None:
    late = StateChange(60_000_960_000, "CLOSED", Source.SOCK_DIAG)
    client = replace(observed.client, states=(*observed.client.states, late))
    last = ladder(replace(observed, client=client)).splitlines()[-1]
    assert last.split() == ["60000.960", "CLOSED", "|", "|"]


def test_ipv6_endpoints_are_written_in_brackets(observed: Connection) -> None:
    client = replace(observed.client, endpoint=Endpoint("c1", "fd00::2", 1500))
    assert "c1 [fd00::2]:1500" in ladder(replace(observed, client=client))


texts = st.text(min_size=1, max_size=120)


def test_no_line_is_wider_than_80_columns_whatever_the_names(observed: Connection) -> None:
    @settings(max_examples=60, deadline=None)
    @given(node=texts, state=texts, label=texts, hop=texts, call=texts)
    def holds(node: str, state: str, label: str, hop: str, call: str) -> None:
        event = Event(10**15, "op", node, observed.name, {"op": call, "status": "ok"})
        for line in ladder(hostile(observed, node, state, label, hop), [event]).splitlines():
            assert width(line) <= 80
            assert line.isprintable()

    holds()


def hostile(observed: Connection, node: str, state: str, label: str, hop: str) -> Connection:
    arrow = observed.arrows[0]
    lost = replace(arrow.transit, received=None, hops=arrow.transit.hops[:1], lost_after=hop)
    endpoint = Endpoint(node, "fd00:1111:2222:3333:4444:5555:6666:7777", 65535)
    states = StateChange(0, state, Source.STACK, 1), StateChange(5, state, Source.STACK)
    return replace(
        observed,
        client=replace(observed.client, endpoint=endpoint, states=states),
        arrows=(
            replace(arrow, label=label, notes=(label,)),
            replace(arrow, label=label, transit=lost, forward=False),
        ),
    )


def test_states_stand_in_their_order_where_segments_cross() -> None:
    connection = only_connection(
        two_hosts(services=()),
        """
        @0ms c1 > server  SYN seq=0 delay=200ms
        @1ms server > c1  SYN seq=0 delay=200ms
        """,
        connected_both_ways("first", "second"),
    )

    right = [line.rpartition("|")[2].strip() for line in ladder(connection).splitlines()[1:]]
    assert list(filter(None, right)) == ["CLOSED", "SYN_SENT", "SYN_RCVD"]
