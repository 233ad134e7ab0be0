from __future__ import annotations

from dataclasses import replace

from netlab.analyse import analyse
from netlab.collect.events import Event
from netlab.testing.dialogue import dialogue
from netlab.testing.plans import lan, routed, two_hosts
from netlab.testing.runs import (
    analysed,
    connected,
    connected_both_ways,
    only_connection,
    operation,
    received,
)
from netlab.topology.options import SocketOptions
from netlab.topology.steps import Connect, Timing

OPEN_AND_CLOSE = """
    c1 > server  SYN seq=0 isn={isn}
    server > c1  SYN ACK seq=0 ack=1 isn={isn}5
    c1 > server  FIN ACK seq=1 ack=1
    server > c1  FIN ACK seq=1 ack=2
    c1 > server  ACK seq=2 ack=2
"""


def test_a_connection_is_called_as_the_scenario_calls_it() -> None:
    connection = only_connection(two_hosts(), "c1 > server SYN seq=0", [connected("first")])

    assert connection.name == "first"
    assert connection.transport == "tcp"
    assert str(connection.client.endpoint) == "10.0.0.2:40000"
    assert connection.client.endpoint.node == "c1"
    assert connection.server.endpoint.node == "server"


def test_one_of_many_connections_is_called_by_their_name_and_its_index() -> None:
    event = connected("crowd")
    one = replace(event, data={**event.data, "index": 17})
    assert only_connection(two_hosts(), "c1 > server SYN seq=0", [one]).name == "crowd.17"


def test_a_connection_without_a_name_is_called_by_its_endpoints() -> None:
    connection = only_connection(two_hosts(), "c1 > server SYN seq=0")

    assert connection.name == "10.0.0.2:40000 -> 10.0.0.1:7"


def test_the_client_is_who_sent_the_first_syn_even_if_only_the_answer_was_captured() -> None:
    connection = only_connection(two_hosts(), "server > c1 SYN ACK seq=0 ack=1")

    assert connection.client.endpoint.node == "c1"
    assert connection.arrows[0].forward is False


def test_a_refused_connect_is_named_by_what_the_plan_asked_for() -> None:
    step = Connect(
        where="",
        text="connect",
        timing=Timing(),
        node="c1",
        name="refused",
        transport="tcp",
        host="server",
        address="10.0.0.1",
        port=7,
        options=SocketOptions(),
    )
    plan = two_hosts(services=(), steps=(step,))
    event = Event(
        4_000_000,
        "op",
        "c1",
        "refused",
        {"op": "connect", "status": "error", "errno": "ECONNREFUSED", "took": 4_000_000},
    )

    connection = only_connection(
        plan, "c1 > server SYN seq=0 \n server > c1 RST ACK seq=0 ack=1", [event]
    )

    assert connection.name == "refused"


def test_a_reused_port_pair_is_another_connection() -> None:
    first, second = analysed(
        two_hosts(),
        OPEN_AND_CLOSE.format(isn=1000) + OPEN_AND_CLOSE.format(isn=2000),
        [connected("first", at=5), connected("second", at=15, took=4.5)],
    ).connections

    assert (first.name, second.name) == ("first", "second")
    assert [len(first.arrows), len(second.arrows)] == [5, 5]
    assert second.client.states[0].state == "CLOSED"
    assert second.client.states[-1].state == "TIME_WAIT"


def test_incarnations_without_names_are_numbered() -> None:
    names = [
        each.name
        for each in analysed(
            two_hosts(), OPEN_AND_CLOSE.format(isn=1000) + OPEN_AND_CLOSE.format(isn=2000)
        ).connections
    ]

    assert names == ["10.0.0.2:40000 -> 10.0.0.1:7", "10.0.0.2:40000 -> 10.0.0.1:7 #2"]


def test_a_syn_sent_again_is_the_same_connection() -> None:
    connection = only_connection(
        two_hosts(),
        """
        c1 > server  SYN seq=0 lost=c1:eth0
        @1000ms c1 > server  SYN seq=0
        server > c1  SYN ACK seq=0 ack=1
        """,
    )

    assert len(connection.arrows) == 3


def test_a_crashed_client_s_new_syn_is_a_new_connection() -> None:
    first, second = analysed(
        two_hosts(),
        """
        c1 > server  SYN seq=0 isn=1000
        server > c1  SYN ACK seq=0 ack=1
        c1 > server  ACK seq=1 ack=1
        c1 > server  SYN seq=0 isn=777000
        server > c1  ACK seq=1 ack=1
        """,
    ).connections

    assert [len(first.arrows), len(second.arrows)] == [3, 2]


def test_a_copy_of_the_old_syn_opens_no_connection() -> None:
    connection = only_connection(
        two_hosts(services=()),
        """
        @1ms c1 > server  SYN seq=0 copies=2
        server > c1  RST ACK seq=0 ack=1
        """,
    )

    assert len(connection.arrows) == 3


def test_datagrams_of_a_named_socket_are_its_connection() -> None:
    plan = two_hosts()
    event = operation("asking", at=0.5, op="connect", local="10.0.0.2:40000", foreign="10.0.0.1:7")
    connection = only_connection(plan, "server > c1 UDP len=1 \n c1 > server UDP len=20", [event])

    assert connection.name == "asking"
    assert connection.transport == "udp"
    assert connection.client.endpoint.node == "c1"
    assert connection.client.states == ()
    assert (connection.client.bytes_sent, connection.server.bytes_sent) == (20, 1)


def test_an_unconnected_socket_names_its_datagrams_to_everyone() -> None:
    event = operation("asking", at=0.5, op="open", local="*:40000")
    connections = analysed(lan(), "c1 > server UDP len=1 \n c1 > c2 UDP len=1", [event]).connections

    assert [each.name for each in connections] == ["asking", "asking"]


def test_a_port_opened_again_is_another_socket() -> None:
    one = operation("one", at=0.5, op="open", local="10.0.0.2:40000")
    two = operation("two", at=200.0, op="open", local="10.0.0.2:40000")
    connections = analysed(
        two_hosts(), "c1 > server UDP len=1 \n @201ms c1 > server UDP len=1", [one, two]
    ).connections

    assert [each.name for each in connections] == ["one", "two"]


def test_all_fragments_belong_to_their_datagram_s_connection() -> None:
    connection = only_connection(two_hosts(), "c1 > server UDP len=2000")

    assert [arrow.forward for arrow in connection.arrows] == [True, True]
    assert connection.client.bytes_sent == 2000


def test_an_icmp_error_is_related_to_the_connection_it_quotes() -> None:
    connection = only_connection(
        routed(mtu=576),
        """
        c1 > server  ACK seq=1 ack=1 len=1000
        r1 > c1  ICMP frag-needed mtu=576 quotes=1
        """,
    )

    assert len(connection.arrows) == 1
    assert [received(transit).node for transit in connection.related] == ["c1"]


def test_bytes_are_counted_once_however_often_they_are_sent() -> None:
    connection = only_connection(
        two_hosts(),
        """
        c1 > server  SYN seq=0
        c1 > server  ACK seq=1 ack=1 len=100 lost=c1:eth0
        c1 > server  ACK seq=1 ack=1 len=100
        c1 > server  ACK seq=101 ack=1 len=50
        """,
    )

    assert connection.client.bytes_sent == 150
    assert connection.client.retransmissions == 1


def test_a_node_that_was_not_captured_has_no_states() -> None:
    plan = two_hosts()
    seen = dialogue(plan, OPEN_AND_CLOSE.format(isn=1000))
    at_client = [
        replace(one, number=number)
        for number, one in enumerate((one for one in seen if one.node == "c1"), start=1)
    ]

    (connection,) = analyse(plan, (), at_client).connections

    assert connection.client.states[-1].state == "TIME_WAIT"
    assert connection.server.states == ()


SIMULTANEOUS = """
    @1ms c1 > server  SYN seq=0
    @1.5ms server > c1  SYN seq=0
    @3ms c1 > server  SYN ACK seq=0 ack=1
    @3.5ms server > c1  SYN ACK seq=0 ack=1
"""


def test_a_connection_that_both_ends_open_has_both_names() -> None:
    events = connected_both_ways("first", "second")
    connection = only_connection(two_hosts(services=()), SIMULTANEOUS, events)

    assert connection.names == ("first", "second")
    assert connection.opened_as("first") is connection.client
    assert connection.opened_as("second") is connection.server


def test_a_connection_that_is_accepted_has_the_name_of_its_opener_only() -> None:
    text = "c1 > server SYN seq=0\nserver > c1 SYN ACK seq=0 ack=1"
    connection = only_connection(two_hosts(), text, connected_both_ways("first", "second"))

    assert connection.names == ("first",)
