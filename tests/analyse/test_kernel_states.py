from __future__ import annotations

from dataclasses import replace

from netlab.analyse import analyse
from netlab.analyse.model import Source
from netlab.collect.events import Event
from netlab.testing.dialogue import dialogue
from netlab.testing.plans import two_hosts
from netlab.testing.runs import only_connection

MICROSECOND = 1_000
CLIENT, SERVER = "10.0.0.2:40000", "10.0.0.1:7"
CLOSE = """
    @1ms c1 > server  SYN seq=0
    @3ms server > c1  SYN ACK seq=0 ack=1
    @5ms c1 > server  ACK seq=1 ack=1
    @7ms c1 > server  FIN ACK seq=1 ack=1
    @9ms server > c1  ACK seq=1 ack=2
    @11ms server > c1 FIN ACK seq=1 ack=2
    @13ms c1 > server  ACK seq=2 ack=2
"""


def told(microseconds: int, old: str, new: str, *, at: str = "c1", source: str = "trace") -> Event:
    local, foreign = (CLIENT, SERVER) if at == "c1" else (SERVER, CLIENT)
    data = {"transport": "tcp", "local": local, "foreign": foreign, "old": old, "new": new}
    return Event(microseconds * MICROSECOND, "state", at, data={**data, "source": source})


def client_states(*events: Event) -> list[tuple[str, int, Source]]:
    states = only_connection(two_hosts(), CLOSE, events).client.states
    return [(change.state, change.t // MICROSECOND, change.source) for change in states]


def captured() -> list[tuple[str, int, Source]]:
    return client_states()


def test_without_the_kernel_the_capture_stands() -> None:
    assert [state for state, _, _ in captured()] == [
        "CLOSED",
        "SYN_SENT",
        "ESTABLISHED",
        "FIN_WAIT_1",
        "FIN_WAIT_2",
        "TIME_WAIT",
    ]


def test_the_trace_gives_the_exact_time_of_a_change_that_the_capture_shows() -> None:
    states = client_states(told(980, "CLOSED", "SYN_SENT"), told(4_020, "SYN_SENT", "ESTABLISHED"))

    assert states[:3] == [
        ("CLOSED", 980, Source.CAPTURE),
        ("SYN_SENT", 980, Source.TRACE),
        ("ESTABLISHED", 4_020, Source.TRACE),
    ]
    assert states[3:] == captured()[3:]


def unbound(microseconds: int) -> Event:
    event = told(microseconds, "CLOSED", "SYN_SENT")
    return replace(event, data={**event.data, "local": "10.0.0.2:0"})


def test_an_ephemeral_port_is_not_chosen_yet_when_its_syn_sent_is_traced() -> None:
    assert client_states(unbound(980))[1] == ("SYN_SENT", 980, Source.TRACE)


def test_two_opens_without_a_port_could_be_each_other_s() -> None:
    states = client_states(unbound(980), unbound(990), told(4_020, "SYN_SENT", "ESTABLISHED"))

    assert states[:2] == captured()[:2]
    assert states[2] == ("ESTABLISHED", 4_020, Source.TRACE)


def test_a_change_that_the_capture_does_not_show_is_another_lab_s() -> None:
    assert client_states(told(60_000, "ESTABLISHED", "CLOSE_WAIT")) == captured()


def test_a_trace_that_comes_much_later_is_another_lab_s() -> None:
    assert client_states(told(74_000, "SYN_SENT", "ESTABLISHED")) == captured()


def test_two_histories_of_one_pair_leave_the_whole_end_to_the_capture() -> None:
    assert (
        client_states(
            told(980, "CLOSED", "SYN_SENT"),
            told(4_020, "SYN_SENT", "ESTABLISHED"),
            told(4_500, "SYN_SENT", "ESTABLISHED"),
        )
        == captured()
    )


def test_linux_traces_no_time_wait_so_its_close_is_not_used() -> None:
    assert client_states(told(12_010, "FIN_WAIT_2", "CLOSED")) == captured()


def test_a_server_s_request_is_no_socket_so_the_trace_of_syn_rcvd_comes_too_late() -> None:
    connection = only_connection(
        two_hosts(),
        CLOSE,
        [
            told(6_020, "LISTEN", "SYN_RCVD", at="server"),
            told(6_021, "SYN_RCVD", "ESTABLISHED", at="server"),
        ],
    )

    assert [(change.t, change.source) for change in connection.server.states[1:3]] == [
        (2_000_000, Source.CAPTURE),
        (6_021_000, Source.TRACE),
    ]


def test_a_trace_never_turns_the_order_of_changes_around() -> None:
    states = client_states(told(12_500, "FIN_WAIT_1", "FIN_WAIT_2"))

    assert states == captured()


def test_sock_diag_adds_an_end_that_no_packet_shows() -> None:
    states = client_states(told(60_000_000, "TIME_WAIT", "CLOSED", source="sock_diag"))

    assert states[:-1] == captured()
    assert states[-1] == ("CLOSED", 60_000_000, Source.SOCK_DIAG)


def test_sock_diag_confirms_what_the_capture_shows() -> None:
    assert client_states(told(4_500, "SYN_SENT", "ESTABLISHED", source="sock_diag")) == captured()


def test_what_sock_diag_says_of_another_node_is_not_this_end_s() -> None:
    event = told(60_000_000, "TIME_WAIT", "CLOSED", source="sock_diag")
    other = Event(event.t, "state", "c9", data=event.data)

    assert client_states(other) == captured()


def test_an_end_that_was_not_captured_has_what_its_node_said() -> None:
    plan = two_hosts()
    at_client = [one for one in dialogue(plan, CLOSE) if one.node == "c1"]
    event = told(6_500, "SYN_RCVD", "ESTABLISHED", at="server", source="sock_diag")

    (connection,) = analyse(plan, [event], at_client).connections

    assert [(change.state, change.source) for change in connection.server.states] == [
        ("ESTABLISHED", Source.SOCK_DIAG)
    ]


def test_a_host_that_lost_its_power_closed_long_before_its_rst_shows_it() -> None:
    text = """
        @1ms c1 > server  SYN seq=0
        @3ms server > c1  SYN ACK seq=0 ack=1
        @5ms c1 > server  ACK seq=1 ack=1
        @90ms c1 > server  ACK seq=1 ack=1 len=10
        @92ms server > c1  RST seq=1
    """
    crashed = told(50_000, "ESTABLISHED", "CLOSED", at="server", source="sock_diag")

    states = only_connection(two_hosts(), text, [crashed]).server.states

    assert states[-1].t == 50_000 * MICROSECOND
    assert (states[-1].state, states[-1].source) == ("CLOSED", Source.SOCK_DIAG)
