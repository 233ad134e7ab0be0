from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

from netlab.analyse.control_blocks import relative
from netlab.analyse.model import Connection, ControlBlock
from netlab.backends.sim.network import SimNetwork
from netlab.collect.events import Event
from netlab.stack.tcp.settings import Settings
from netlab.stack.tcp.variables import VARIABLES, Kind
from netlab.testing import impaired
from netlab.testing.dialogue import MILLISECOND
from netlab.testing.plans import two_hosts
from netlab.testing.recorded import Recorded, recorded
from netlab.testing.runs import analysed, only_connection, variables
from netlab.testing.worlds import SERVER
from netlab.topology.impairment import Impairment, Profile

FAR = impaired.cable(Impairment(forward=Profile(delay=0.01), backward=Profile(delay=0.01)))
LOGGED = Settings(log=True)


async def request(network: SimNetwork) -> None:
    """100 bytes of the client, which asks for its variables, and closes at once."""
    client, server = (network.stations[name].programs for name in ("c1", "server"))
    listener = server.listen((SERVER, 7))
    stream = await client.connect((SERVER, 7), local=client.bind(("", 1500)), settings=LOGGED)
    accepted = await listener.accept()
    await asyncio.sleep(1)
    await stream.send(bytes(100))
    await stream.close()
    while await accepted.receive(100):
        pass
    await accepted.close()
    await asyncio.sleep(1)


def test_the_variables_are_those_of_the_end_that_asked() -> None:
    connection = recorded(FAR, request).connection

    assert connection.server.variables == ()
    assert len(connection.client.variables) == 4  # SYN, SYN and ACK, data and FIN, FIN and ACK


def shown(block: ControlBlock, *names: str) -> tuple[int | None, ...]:
    return tuple(relative(block, VARIABLES[name]) for name in names)


def test_a_handshake_moves_them_as_rfc_9293_says() -> None:
    connection = recorded(FAR, request).connection
    syn_sent, established, data, *_ = connection.client.variables
    names = ("SND.UNA", "SND.NXT", "SND.WL1", "SND.WL2", "RCV.NXT", "RCV.UP")

    assert shown(syn_sent, *names) == (0, 1, None, None, None, None)
    assert shown(established, *names) == (1, 1, 0, 1, 1, 1)
    assert shown(data, *names) == (1, 102, 0, 1, 1, 1)  # the data and FIN
    assert (syn_sent.irs, syn_sent.srtt, syn_sent.ssthresh) == (None, None, None)
    assert shown(established, "SND.WND") == (65160,)
    assert established.srtt is not None


def test_an_iss_is_the_number_of_the_syn() -> None:
    run = recorded(FAR, request)
    headers = [arrow.transit.first.packet.tcp for arrow in run.connection.arrows]
    syn, syn_ack = (header for header in headers[:2] if header)
    last = run.connection.client.variables[-1]

    assert (last.iss, last.irs) == (syn.sequence, syn_ack.sequence)


def told(run: Recorded) -> int:
    return sum(event.kind == "variables" for event in run.events)


def test_what_did_not_change_is_told_once() -> None:
    run = recorded(FAR, request)
    blocks = run.connection.client.variables

    assert len(blocks) < told(run)
    for before, after in pairwise(blocks):
        assert before.t < after.t
        assert replace(before, t=after.t) != after


HANDSHAKE = """
    c1 > server  SYN seq=0 isn=1000
    server > c1  SYN ACK seq=0 ack=1 isn=9000
    c1 > server  ACK seq=1 ack=1
"""


def of_dialogue(*events: Event) -> Connection:
    return only_connection(two_hosts(), HANDSHAKE, events)


def test_of_one_instant_what_it_was_in_the_end_counts() -> None:
    events = [variables(1), variables(3, SND_UNA=1001), variables(3, SND_UNA=1001, SND_WND=500)]
    blocks = of_dialogue(*events).client.variables

    assert [(block.t, block.snd_una, block.snd_wnd) for block in blocks] == [
        (1_000_000, 1000, 0),
        (3_000_000, 1001, 500),
    ]


def test_a_timer_that_runs_down_is_no_change_and_one_that_is_set_again_is() -> None:
    left = [(1, 200), (51, 150), (101, 200), (151, None)]
    events = [variables(at, timer_retransmission=ms and ms * MILLISECOND) for at, ms in left]
    blocks = of_dialogue(*events).client.variables

    assert [(each.t, each.timer_retransmission) for each in blocks] == [
        (1_000_000, 201_000_000),
        (101_000_000, 301_000_000),
        (151_000_000, None),
    ]
    assert [relative(each, VARIABLES["timer.retransmission"]) for each in blocks] == [
        200_000_000,
        200_000_000,
        None,
    ]


def test_a_timer_that_is_due_has_no_time_left() -> None:
    (block,) = of_dialogue(variables(9, timer_persist=-1_000)).client.variables

    assert block.timer_persist == 8_999_000
    assert relative(block, VARIABLES["timer.persist"]) == 0


def test_what_is_on_its_way_is_timed_and_so_is_time_wait() -> None:
    syn, established, data, last = recorded(FAR, request).connection.client.variables

    assert shown(syn, "timer.retransmission") == (syn.rto,)
    assert shown(established, "timer.retransmission") == (None,)
    assert shown(data, "timer.retransmission", "timer.time_wait") == (data.rto, None)
    others = [name for name, each in VARIABLES.items() if each.kind is Kind.TIMER]
    others.remove("timer.time_wait")
    assert shown(last, *others) == (None,) * len(others)
    assert shown(last, "timer.time_wait") == (60_000_000_000,)


def test_the_acknowledgment_of_a_syn_without_one_means_nothing() -> None:
    (block,) = of_dialogue(variables(1, SND_WL2=1 << 32)).client.variables

    assert relative(block, VARIABLES["SND.WL2"]) is None


def test_each_incarnation_of_a_pair_has_its_own() -> None:
    text = HANDSHAKE + "@50ms c1 > server RST seq=1\n@60ms c1 > server SYN seq=0 isn=5000"
    events = [variables(1), variables(50, SND_UNA=1001), variables(59, ISS=5000, SND_UNA=5000)]
    one, other = analysed(two_hosts(), text, events).connections

    assert [block.iss for block in one.client.variables] == [1000, 1000]
    assert [block.iss for block in other.client.variables] == [5000]


def test_what_an_attempt_told_that_sent_nothing_is_of_no_connection() -> None:
    """Nobody answered its ARP request."""
    events = [variables(1), variables(59, ISS=5000, SND_UNA=5000)]
    connection = only_connection(two_hosts(), "@60ms c1 > server SYN seq=0 isn=5000", events)

    assert [block.iss for block in connection.client.variables] == [5000]


def test_the_stack_tells_all_variables_by_their_names() -> None:
    told = [each.data["values"] for each in recorded(FAR, request).events if "values" in each.data]
    assert all(values.keys() == VARIABLES.keys() for values in told)
