"""The states that dialogues prove; each test is one."""

from __future__ import annotations

from netlab.analyse.model import End, Source
from netlab.testing.plans import routed, two_hosts
from netlab.testing.runs import only_connection, received

HANDSHAKE = """
    c1 > server  SYN seq=0 mss=536
    server > c1  SYN ACK seq=0 ack=1 mss=1460
    c1 > server  ACK seq=1 ack=1
"""


def names(end: End) -> str:
    return " ".join(change.state for change in end.states)


def test_handshake() -> None:
    connection = only_connection(two_hosts(), HANDSHAKE)

    assert names(connection.client) == "CLOSED SYN_SENT ESTABLISHED"
    assert names(connection.server) == "LISTEN SYN_RCVD ESTABLISHED"


def test_the_client_is_established_when_it_has_the_syn_ack_and_the_server_with_the_last_ack() -> (
    None
):
    connection = only_connection(two_hosts(), HANDSHAKE)
    syn_ack, ack = (arrow.transit for arrow in connection.arrows[1:])

    assert connection.client.states[-1].t == received(syn_ack).t
    assert connection.client.states[-1].cause == received(syn_ack).number
    assert connection.server.states[-1].t == received(ack).t
    assert connection.server.states[-1].source is Source.CAPTURE


def test_the_first_state_is_there_when_the_connection_begins() -> None:
    connection = only_connection(routed(), HANDSHAKE)

    assert connection.client.states[0].t == connection.t
    assert connection.server.states[0].t == connection.t
    assert connection.server.states[0].cause is None


def test_four_segment_close() -> None:
    connection = only_connection(
        two_hosts(),
        HANDSHAKE
        + """
        c1 > server  FIN ACK seq=1 ack=1
        server > c1  ACK seq=1 ack=2
        server > c1  FIN ACK seq=1 ack=2
        c1 > server  ACK seq=2 ack=2
        """,
    )

    assert names(connection.client).endswith("ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT")
    assert names(connection.server).endswith("ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED")


def test_three_segment_close_skips_fin_wait_2() -> None:
    connection = only_connection(
        two_hosts(),
        HANDSHAKE
        + """
        c1 > server  FIN ACK seq=1 ack=1
        server > c1  FIN ACK seq=1 ack=2
        c1 > server  ACK seq=2 ack=2
        """,
    )

    assert names(connection.client).endswith("ESTABLISHED FIN_WAIT_1 TIME_WAIT")
    assert names(connection.server).endswith("ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED")


def test_fin_on_data() -> None:
    connection = only_connection(
        two_hosts(),
        HANDSHAKE
        + """
        c1 > server  FIN ACK seq=1 ack=1 len=100
        server > c1  ACK seq=1 ack=101
        server > c1  ACK seq=1 ack=102
        """,
    )

    assert names(connection.client).endswith("FIN_WAIT_1 FIN_WAIT_2")
    assert connection.client.states[-1].cause == received(connection.arrows[-1].transit).number
    assert names(connection.server).endswith("ESTABLISHED CLOSE_WAIT")


def test_half_close_leaves_the_server_in_close_wait_while_it_sends() -> None:
    connection = only_connection(
        two_hosts(),
        HANDSHAKE
        + """
        c1 > server  FIN ACK seq=1 ack=1
        server > c1  ACK seq=1 ack=2 len=500
        c1 > server  ACK seq=2 ack=501
        """,
    )

    assert names(connection.client).endswith("FIN_WAIT_1 FIN_WAIT_2")
    assert names(connection.server).endswith("CLOSE_WAIT")


def test_simultaneous_open() -> None:
    connection = only_connection(
        two_hosts(services=()),
        """
        @1ms c1 > server  SYN seq=0
        @1.5ms server > c1  SYN seq=0
        @3ms c1 > server  SYN ACK seq=0 ack=1
        @3.5ms server > c1  SYN ACK seq=0 ack=1
        """,
    )

    assert names(connection.client) == "CLOSED SYN_SENT SYN_RCVD ESTABLISHED"
    assert names(connection.server) == "CLOSED SYN_SENT SYN_RCVD ESTABLISHED"


def test_simultaneous_close() -> None:
    connection = only_connection(
        two_hosts(),
        HANDSHAKE
        + """
        @20ms c1 > server  FIN ACK seq=1 ack=1
        @20.5ms server > c1  FIN ACK seq=1 ack=1
        @22ms c1 > server  ACK seq=2 ack=2
        @22.5ms server > c1  ACK seq=2 ack=2
        """,
    )

    assert names(connection.client).endswith("ESTABLISHED FIN_WAIT_1 CLOSING TIME_WAIT")
    assert names(connection.server).endswith("ESTABLISHED FIN_WAIT_1 CLOSING TIME_WAIT")


def test_a_lost_fin_does_not_reach_close_wait_until_it_is_sent_again() -> None:
    connection = only_connection(
        two_hosts(),
        HANDSHAKE
        + """
        c1 > server  FIN ACK seq=1 ack=1 lost=c1:eth0
        c1 > server  FIN ACK seq=1 ack=1
        """,
    )
    again = connection.arrows[-1].transit

    assert names(connection.client).endswith("ESTABLISHED FIN_WAIT_1")
    assert connection.server.states[-1].state == "CLOSE_WAIT"
    assert connection.server.states[-1].t == received(again).t


def test_a_fin_counts_only_when_the_data_before_it_is_there() -> None:
    connection = only_connection(
        two_hosts(),
        HANDSHAKE
        + """
        c1 > server  ACK seq=1 ack=1 len=100 lost=c1:eth0
        c1 > server  FIN ACK seq=101 ack=1
        server > c1  ACK seq=1 ack=1
        c1 > server  ACK seq=1 ack=1 len=100
        """,
    )
    retransmitted = connection.arrows[-1].transit

    assert connection.server.states[-1].state == "CLOSE_WAIT"
    assert connection.server.states[-1].cause == received(retransmitted).number


def test_connection_refused() -> None:
    connection = only_connection(
        two_hosts(services=()),
        """
        c1 > server  SYN seq=0
        server > c1  RST ACK seq=0 ack=1
        """,
    )

    assert names(connection.client) == "CLOSED SYN_SENT CLOSED"
    assert names(connection.server) == "CLOSED"


def test_a_reset_of_a_passive_open_returns_to_listen() -> None:
    connection = only_connection(
        two_hosts(),
        """
        c1 > server  SYN seq=0
        server > c1  SYN ACK seq=0 ack=1
        c1 > server  RST seq=1
        """,
    )

    assert names(connection.server) == "LISTEN SYN_RCVD LISTEN"
    assert names(connection.client) == "CLOSED SYN_SENT ESTABLISHED CLOSED"


def test_reset_of_an_established_connection() -> None:
    connection = only_connection(two_hosts(), HANDSHAKE + "c1 > server RST ACK seq=1 ack=1")

    assert names(connection.client).endswith("ESTABLISHED CLOSED")
    assert names(connection.server).endswith("ESTABLISHED CLOSED")


def test_a_reset_out_of_sequence_closes_nothing_at_its_receiver() -> None:
    connection = only_connection(two_hosts(), HANDSHAKE + "c1 > server RST seq=900")

    assert names(connection.server).endswith("ESTABLISHED")


def test_a_reset_that_is_lost_closes_only_its_sender() -> None:
    connection = only_connection(two_hosts(), HANDSHAKE + "c1 > server RST seq=1 lost=c1:eth0")

    assert names(connection.client).endswith("ESTABLISHED CLOSED")
    assert names(connection.server).endswith("ESTABLISHED")


def test_an_unanswered_syn_leaves_the_server_listening() -> None:
    connection = only_connection(
        two_hosts(),
        """
        c1 > server  SYN seq=0 lost=c1:eth0
        @1000ms c1 > server  SYN seq=0 lost=c1:eth0
        """,
    )

    assert names(connection.client) == "CLOSED SYN_SENT"
    assert connection.server.states == ()


def test_a_syn_that_a_full_backlog_drops_leaves_the_server_listening() -> None:
    connection = only_connection(
        two_hosts(),
        """
        c1 > server  SYN seq=0
        @1000ms c1 > server  SYN seq=0
        """,
    )

    assert names(connection.client) == "CLOSED SYN_SENT"
    assert names(connection.server) == "LISTEN"


def test_of_two_syns_the_one_that_is_answered_opens() -> None:
    connection = only_connection(
        two_hosts(),
        """
        c1 > server  SYN seq=0
        @1000ms c1 > server  SYN seq=0
        server > c1  SYN ACK seq=0 ack=1
        """,
    )
    second = received(connection.arrows[1].transit)

    assert names(connection.server) == "LISTEN SYN_RCVD"
    assert connection.server.states[1].cause == second.number


def test_an_acknowledgment_of_what_was_never_sent_acknowledges_nothing() -> None:
    connection = only_connection(
        two_hosts(),
        """
        c1 > server  SYN seq=0
        server > c1  SYN ACK seq=0 ack=1
        c1 > server  ACK seq=1 ack=77
        """,
    )

    assert names(connection.server) == "LISTEN SYN_RCVD"


def test_without_its_beginning_no_state_is_proven() -> None:
    connection = only_connection(two_hosts(), "c1 > server ACK seq=1 ack=1 len=10")

    assert connection.client.states == ()
    assert connection.server.states == ()


def test_states_behind_a_router_come_when_the_segment_arrives_there() -> None:
    connection = only_connection(routed(), HANDSHAKE)

    assert names(connection.server) == "LISTEN SYN_RCVD ESTABLISHED"
    assert connection.server.states[1].t == received(connection.arrows[0].transit).t
    assert received(connection.arrows[0].transit).node == "server"


def test_what_an_end_acknowledges_it_has_received_even_if_the_capture_missed_it() -> None:
    connection = only_connection(
        two_hosts(),
        HANDSHAKE
        + """
        c1 > server  ACK seq=1 ack=1 len=100 lost=c1:eth0
        server > c1  ACK seq=1 ack=101
        c1 > server  FIN ACK seq=101 ack=1
        """,
    )

    assert names(connection.server).endswith("ESTABLISHED CLOSE_WAIT")


def test_a_syn_that_the_capture_missed_is_proven_by_its_answer() -> None:
    connection = only_connection(
        two_hosts(),
        """
        c1 > server  SYN seq=0 lost=c1:eth0
        server > c1  SYN ACK seq=0 ack=1
        """,
    )

    assert names(connection.server) == "LISTEN SYN_RCVD"


def test_a_server_may_close_or_abort_before_it_is_established() -> None:
    begin = """
        c1 > server  SYN seq=0
        server > c1  SYN ACK seq=0 ack=1
    """

    closes = only_connection(two_hosts(), begin + "server > c1 FIN ACK seq=1 ack=1")
    aborts = only_connection(two_hosts(), begin + "server > c1 RST seq=1")

    assert names(closes.server) == "LISTEN SYN_RCVD FIN_WAIT_1"
    assert names(closes.client) == "CLOSED SYN_SENT ESTABLISHED CLOSE_WAIT"
    assert names(aborts.server) == "LISTEN SYN_RCVD CLOSED"


def test_a_reset_of_a_simultaneous_open_closes() -> None:
    connection = only_connection(
        two_hosts(services=()),
        """
        @1ms c1 > server  SYN seq=0
        @1.5ms server > c1  SYN seq=0
        @3ms c1 > server  RST seq=1
        """,
    )

    assert names(connection.server) == "CLOSED SYN_SENT SYN_RCVD CLOSED"


def test_a_reset_assassinates_time_wait() -> None:
    connection = only_connection(
        two_hosts(),
        HANDSHAKE
        + """
        c1 > server  FIN ACK seq=1 ack=1
        server > c1  FIN ACK seq=1 ack=2
        c1 > server  ACK seq=2 ack=2
        server > c1  RST seq=2
        """,
    )

    assert names(connection.client).endswith("TIME_WAIT CLOSED")


def test_all_data_of_a_segment_in_fragments_arrives_with_the_last_of_them() -> None:
    connection = only_connection(
        routed(mtu=576),
        """
        c1 > server  SYN seq=0
        server > c1  SYN ACK seq=0 ack=1
        c1 > server  ACK seq=1 ack=1
        c1 > server  FIN ACK nodf seq=1 ack=1 len=1000
        """,
    )

    assert names(connection.server).endswith("ESTABLISHED CLOSE_WAIT")
