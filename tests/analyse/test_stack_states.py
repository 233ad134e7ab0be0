from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from netlab.analyse.model import Connection, End, Source
from netlab.backends.sim.network import SimNetwork
from netlab.collect.events import Event
from netlab.stack.units import SECOND
from netlab.testing import impaired
from netlab.testing.dialogue import MILLISECOND
from netlab.testing.plans import two_hosts
from netlab.testing.recorded import recorded
from netlab.testing.runs import analysed, connected, only_connection
from netlab.testing.worlds import SERVER
from netlab.topology.impairment import Impairment, Profile
from netlab.topology.plan import Plan
from netlab.topology.stacks import Stack

CLIENT = "10.0.0.2"
FAR = impaired.cable(Impairment(forward=Profile(delay=0.01), backward=Profile(delay=0.01)))


def entered(end: End) -> list[str]:
    return [change.state for change in end.states]


async def closed_by_the_client(network: SimNetwork) -> None:
    client, server = (network.stations[name].programs for name in ("c1", "server"))
    listener = server.listen((SERVER, 7))
    stream = await client.connect((SERVER, 7), local=client.bind(("", 1500)))
    accepted = await listener.accept()
    await stream.close()
    assert await accepted.receive(1) == b""
    await asyncio.sleep(1)
    await accepted.close()
    await asyncio.sleep(61)


def test_all_states_of_both_ends_are_exact() -> None:
    connection = recorded(FAR, closed_by_the_client).connection

    assert entered(connection.client) == [
        *("CLOSED", "SYN_SENT", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT", "CLOSED")
    ]
    assert entered(connection.server) == [
        *("LISTEN", "SYN_RCVD", "ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSED")
    ]
    changes = connection.client.states + connection.server.states
    assert {change.source for change in changes} == {Source.STACK}
    *_, time_wait, closed = connection.client.states
    assert closed.t - time_wait.t == 60 * SECOND


def test_a_change_has_the_frame_that_made_it() -> None:
    run = recorded(FAR, closed_by_the_client)
    frames = {one.number: one for one in run.analysis.sightings}

    for end in (run.connection.client, run.connection.server):
        for change in end.states:
            if change.cause is not None:
                assert frames[change.cause].t == change.t
                assert frames[change.cause].node == end.endpoint.node
    client = [change.cause is not None for change in run.connection.client.states]
    # Its SYN had to wait for ARP, and no frame ends TIME_WAIT.
    assert client == [False, False, True, True, True, True, False]


async def opened_and_closed_by_both(network: SimNetwork) -> None:
    client, server = (network.stations[name].programs for name in ("c1", "server"))
    one, other = await asyncio.gather(
        client.connect((SERVER, 7), local=client.bind(("", 1500))),
        server.connect((CLIENT, 1500), local=server.bind(("", 7))),
    )
    await asyncio.gather(one.close(), other.close())
    await asyncio.sleep(61)


def test_a_simultaneous_open_and_close_has_the_same_states_at_both_ends() -> None:
    connection = recorded(FAR, opened_and_closed_by_both).connection

    opening = ["CLOSED", "SYN_SENT", "SYN_RCVD", "ESTABLISHED"]
    closing = ["FIN_WAIT_1", "CLOSING", "TIME_WAIT", "CLOSED"]
    assert entered(connection.client) == [*opening, *closing]
    assert entered(connection.server) == [*opening, *closing]


async def closed_with_data_to_send(network: SimNetwork) -> None:
    client, server = (network.stations[name].programs for name in ("c1", "server"))
    listener = server.listen((SERVER, 7))
    stream = await client.connect((SERVER, 7), local=client.bind(("", 1500)))
    await listener.accept()
    await stream.send(bytes(50_000))
    await stream.close()
    await asyncio.sleep(1)


def test_who_closes_with_data_to_send_is_in_fin_wait_1_before_its_fin_is_sent() -> None:
    connection = recorded(FAR, closed_with_data_to_send).connection
    change = next(each for each in connection.client.states if each.state == "FIN_WAIT_1")
    fin = next(arrow for arrow in connection.arrows if "FIN" in arrow.label)

    assert change.t < fin.transit.t
    assert change.cause is None


async def used_again(network: SimNetwork) -> None:
    """The server closes first, and its TIME_WAIT ends when the client's next SYN comes."""
    client, server = (network.stations[name].programs for name in ("c1", "server"))
    listener = server.listen((SERVER, 7))
    for _ in range(2):
        stream = await client.connect((SERVER, 7), local=client.bind(("", 1500)))
        accepted = await listener.accept()
        await accepted.close()
        assert await stream.receive(1) == b""
        await stream.close()
        await asyncio.sleep(5)


def test_each_incarnation_of_a_pair_has_its_own() -> None:
    one, other = recorded(FAR, used_again).analysis.connections

    assert entered(one.server)[-2:] == ["TIME_WAIT", "CLOSED"]
    assert entered(other.server)[:2] == ["LISTEN", "SYN_RCVD"]
    assert entered(other.server)[-1] == "TIME_WAIT"
    assert entered(one.client) == entered(other.client)
    assert one.client.states[-1].t < other.client.states[0].t


async def refused(network: SimNetwork) -> None:
    client, server = (network.stations[name].programs for name in ("c1", "server"))
    server.listen((SERVER, 9))
    with pytest.raises(ConnectionRefusedError):
        await client.connect((SERVER, 7), local=client.bind(("", 1500)))
    await (await client.connect((SERVER, 9), local=client.bind(("", 1501)))).close()


def test_an_end_that_made_no_control_block_stays_where_it_was() -> None:
    connection = recorded(FAR, refused).analysis.connections[0]

    assert entered(connection.client) == ["CLOSED", "SYN_SENT", "CLOSED"]
    assert entered(connection.server) == ["LISTEN"]  # its plan has a service there


HANDSHAKE = """
    c1 > server  SYN seq=0
    server > c1  SYN ACK seq=0 ack=1
    c1 > server  ACK seq=1 ack=1
"""


def told(at: float, old: str, new: str, *, node: str = "c1") -> Event:
    local, foreign = f"{CLIENT}:40000", f"{SERVER}:7"
    if node == "server":
        local, foreign = foreign, local
    pair = {"transport": "tcp", "local": local, "foreign": foreign}
    data = {**pair, "old": old, "new": new, "source": "stack", "cause": "?"}
    return Event(round(at * MILLISECOND), "state", node, data=data)


def on_stack(*names: str) -> Plan:
    """The nodes of these names are on netlab's own stack."""
    plan = two_hosts()
    nodes = (replace(each, stack=Stack.USER) if each.name in names else each for each in plan.nodes)
    return replace(plan, nodes=tuple(nodes))


def mixed(*events: Event) -> Connection:
    return only_connection(on_stack("c1"), HANDSHAKE, [connected("first"), *events])


def test_of_a_mixed_connection_the_kernel_s_end_is_known_as_before() -> None:
    events = (told(0.9, "CLOSED", "SYN_SENT"), told(4.1, "SYN_SENT", "ESTABLISHED"))
    plain = only_connection(two_hosts(), HANDSHAKE, [connected("first")])
    connection = mixed(*events)

    assert connection.server.states == plain.server.states
    assert {change.source for change in connection.server.states} == {Source.CAPTURE}
    assert [(change.state, change.t, change.cause) for change in connection.client.states] == [
        ("CLOSED", 900_000, None),
        ("SYN_SENT", 900_000, 1),
        ("ESTABLISHED", 4_100_000, 4),
    ]


def test_an_end_is_known_from_its_control_block_on_when_no_call_is() -> None:
    opened = told(0.9, "CLOSED", "SYN_SENT")
    connection = only_connection(on_stack("c1"), HANDSHAKE, [opened])

    assert [change.t for change in connection.client.states] == [900_000, 900_000]


def test_an_end_is_known_from_the_first_frame_on_when_its_control_block_is_not() -> None:
    answered = told(2.1, "LISTEN", "SYN_RCVD", node="server")
    connection = only_connection(on_stack("server"), HANDSHAKE, [answered])

    (listens, received) = connection.server.states
    assert (listens.t, received.t) == (connection.arrows[0].transit.t, answered.t)


CLOSING = f"""{HANDSHAKE}
    c1 > server  FIN ACK seq=1 ack=1
    server > c1  FIN ACK seq=1 ack=2
    c1 > server  ACK seq=2 ack=2
"""


@pytest.mark.parametrize(("acknowledged", "at_once"), [(10.1, True), (10.05, False)])
def test_states_that_one_segment_makes_at_once_have_its_frame(
    acknowledged: float, at_once: bool
) -> None:
    events = (
        told(0.9, "CLOSED", "SYN_SENT"),
        told(4.1, "SYN_SENT", "ESTABLISHED"),
        told(6.9, "ESTABLISHED", "FIN_WAIT_1"),
        told(acknowledged, "FIN_WAIT_1", "FIN_WAIT_2"),
        told(10.1, "FIN_WAIT_2", "TIME_WAIT"),
    )
    connection = only_connection(on_stack("c1"), CLOSING, events)

    *_, fin_wait_2, time_wait = connection.client.states
    assert time_wait.cause is not None
    assert fin_wait_2.cause == (time_wait.cause if at_once else None)


def test_a_node_that_loses_its_power_has_no_state_any_more() -> None:
    crash = Event(9 * MILLISECOND, "node", "c1", data={"status": "crashed"})
    events = (told(0.9, "CLOSED", "SYN_SENT"), told(4.1, "SYN_SENT", "ESTABLISHED"), crash)
    connection = mixed(*events)

    assert [change.state for change in connection.client.states][-1] == "CLOSED"
    assert connection.client.states[-1].t == crash.t
    assert entered(connection.server)[-1] == "ESTABLISHED"


def test_a_node_that_loses_its_power_takes_no_other_s_states() -> None:
    crash = Event(9 * MILLISECOND, "node", "server", data={"status": "crashed"})
    events = (told(0.9, "CLOSED", "SYN_SENT"), told(4.1, "SYN_SENT", "ESTABLISHED"), crash)

    assert entered(mixed(*events).client) == ["CLOSED", "SYN_SENT", "ESTABLISHED"]


def test_events_need_not_be_in_order() -> None:
    events = (told(4.1, "SYN_SENT", "ESTABLISHED"), told(0.9, "CLOSED", "SYN_SENT"))

    assert entered(mixed(*events).client) == ["CLOSED", "SYN_SENT", "ESTABLISHED"]


def test_what_is_over_is_not_ended_again_by_a_crash() -> None:
    crash = Event(9 * MILLISECOND, "node", "c1", data={"status": "crashed"})
    events = (told(0.9, "CLOSED", "SYN_SENT"), told(4.1, "SYN_SENT", "CLOSED"), crash)

    assert entered(mixed(*events).client) == ["CLOSED", "SYN_SENT", "CLOSED"]


def test_a_server_that_answers_twice_has_both_attempts() -> None:
    text = "c1 > server SYN seq=0\n" * 2 + "server > c1 SYN ACK seq=0 ack=1"
    events = [
        told(2.1, "LISTEN", "SYN_RCVD", node="server"),
        told(2.5, "SYN_RCVD", "CLOSED", node="server"),
        told(4.1, "LISTEN", "SYN_RCVD", node="server"),
    ]
    (connection,) = analysed(on_stack("server"), text, events).connections

    assert entered(connection.server) == ["LISTEN", "SYN_RCVD", "CLOSED", "LISTEN", "SYN_RCVD"]


def test_a_frame_proves_one_change() -> None:
    text = """
        c1 > server  SYN seq=0
        server > c1  SYN ACK seq=0 ack=1
        c1 > server  SYN seq=0
    """
    events = [
        told(2.1, "LISTEN", "SYN_RCVD", node="server"),
        told(5.1, "SYN_RCVD", "CLOSED", node="server"),
        told(6.1, "LISTEN", "SYN_RCVD", node="server"),
    ]
    (connection,) = analysed(on_stack("server"), text, events).connections

    _, first, *_, second = connection.server.states
    assert first.cause == 2
    assert second.cause is None
