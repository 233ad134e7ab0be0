"""Many connections of one host: which of them a segment is for, and what bounds them."""

from __future__ import annotations

import errno
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.stack.events import Readable, TcpEvent, Variables
from netlab.stack.tcp import sockets
from netlab.stack.tcp.layer import TcpLayer
from netlab.stack.tcp.profile import LINUX
from netlab.stack.tcp.settings import Keepalive, Settings
from netlab.stack.tcp.variables import VARIABLES
from netlab.stack.units import MILLISECOND, SECOND
from netlab.testing.tcp_dialogue import OURS, PEER, PORT, FixedPath, TcpDialogue
from netlab.testing.tcp_pipe import Pipe
from netlab.wire.tcp import FLAGS, Tcp
from netlab.wire.tcp_options import MalformedOption, Option, Sack, Timestamps, UnknownOption

rule = pytest.mark.rule
OTHER = bytes((10, 0, 0, 9))


def layer() -> TcpLayer:
    return TcpLayer(random=random.Random(1), routes=FixedPath())


def test_the_listener_on_the_address_comes_before_that_on_all():
    tcp = layer()
    sharing = Settings(reuse_port=True)
    everywhere = tcp.listen(0, PORT, settings=sharing)
    here = tcp.listen(0, PORT, address=OURS, settings=sharing)
    for destination in (OURS, OTHER):
        tcp.receive(0, PEER, destination, Tcp(4000, PORT, 5, flags=FLAGS[2]))
    assert (everywhere.half_open, here.half_open) == (1, 1)


@rule("MUST-41", "MUST-42")
def test_a_port_has_one_listener_an_address():
    tcp = layer()
    tcp.listen(0, PORT, address=OURS)
    tcp.listen(0, PORT, address=OTHER)
    with pytest.raises(OSError, match="in use") as failure:
        tcp.listen(0, PORT, address=OURS)
    assert failure.value.errno == errno.EADDRINUSE


@rule("MUST-44", "MUST-45")
def test_ip_chooses_the_source_once():
    tcp = layer()
    connection = tcp.connect(0, PEER, 80)
    assert connection.pair.local == OURS
    assert tcp.connect(0, PEER, 80, local=OTHER).pair.local == OTHER


def test_ephemeral_ports_differ_until_there_are_none():
    tcp = layer()
    first, last = tcp.profile.ephemeral_ports
    ports = {tcp.connect(0, PEER, 80).pair.local_port for _ in range(100)}
    assert len(ports) == 100
    assert min(ports) >= first
    assert max(ports) <= last


def test_a_pair_in_use_is_refused():
    tcp = layer()
    tcp.connect(0, PEER, 80, binding=tcp.bind(None, 5000))
    with pytest.raises(OSError, match="has this pair"):
        tcp.connect(0, PEER, 80, binding=tcp.bind(None, 5000))
    tcp.connect(0, PEER, 81, binding=tcp.bind(None, 5000))


@rule("MUST-46", "MUST-57", "MUST-63")
@pytest.mark.parametrize(
    "group", [bytes(4), bytes((224, 0, 0, 1)), b"\xff" * 4, b"\xff" + bytes(15)]
)
def test_groups_have_no_connections(group: bytes):
    tcp = layer()
    tcp.listen(0, PORT)
    with pytest.raises(OSError, match="group"):
        tcp.connect(0, group, 80)
    tcp.receive(0, PEER, group, Tcp(4000, PORT, 5, flags=FLAGS[2]))
    tcp.receive(0, group, OURS, Tcp(4000, PORT, 5, flags=FLAGS[2]))
    assert tcp.to_send(0) == []


def test_a_flood_of_syns_meets_a_bound():
    tcp = layer()
    listener = tcp.listen(0, PORT, backlog=50)
    for port in range(1024, 11_024):
        tcp.receive(0, PEER, OURS, Tcp(port, PORT, port, flags=FLAGS[2]))
    assert listener.half_open == len(tcp.sockets) == 51
    answers = tcp.to_send(0)
    assert len(answers) <= 4096 + 51


def test_a_listener_that_closes_resets_who_was_not_accepted():
    dialogue = TcpDialogue().play("""
        listen
        < SYN seq=0
        > SYN ACK
        < ACK seq=1 ack=1
    """)
    assert dialogue.listener is not None
    dialogue.listener.close(dialogue.now)
    dialogue._drain()
    dialogue.play("> RST ACK seq=1\ngone")
    with pytest.raises(OSError, match="closed"):
        dialogue.listener.accept()


@rule("MUST-48", "MUST-49")
def test_hop_limit_and_dscp_are_the_users():
    tcp = layer()
    tcp.connect(0, PEER, 80, settings=Settings(hop_limit=3, dscp=46))
    (syn,) = tcp.to_send(0)
    assert (syn.hop_limit, syn.dscp) == (3, 46)


def test_the_log_tells_all_variables():
    pipe = Pipe()
    pipe.opened(Settings(log=True))
    *_, last = [event.values for event in pipe.events if isinstance(event, Variables)]
    assert set(last) == set(VARIABLES)
    assert last["ISS"] is not None
    assert last["SND.UNA"] == last["ISS"] + 1


def test_status_tells_how_much_time_the_timers_have_left():
    tcp = layer()
    connection = tcp.connect(0, PEER, 80)
    tcp.to_send(0)
    status = connection.status(300_000_000)
    assert status["timer.retransmission"] == 700_000_000
    assert status["timer.time_wait"] is None
    connection.abort(300_000_000)
    assert connection.status(300_000_000)["timer.retransmission"] is None


def test_status_tells_of_each_timer_what_it_is_about():
    wish = Settings(keepalive=Keepalive(idle=7 * SECOND), user_timeout=5 * SECOND)
    profile = replace(LINUX, quick_acks=0, late_user_timeout=False)
    dialogue = TcpDialogue(profile, settings=wish)

    def running() -> dict[str, int]:
        assert dialogue.connection is not None
        left = dialogue.connection.status(dialogue.now)
        timers = {n.partition(".")[2]: t for n, t in left.items() if n.startswith("timer.")}
        return {name: time // MILLISECOND for name, time in timers.items() if time is not None}

    dialogue.play("""
        listen
        < SYN seq=0 mss=1000 sackok
        > SYN ACK
        wait 100ms
        < ACK seq=1 ack=1 win=3000
        accept
    """)
    assert running() == {"keepalive": 7000}
    dialogue.play("< ACK seq=1 ack=1 win=3000 len=10")
    assert running() == {"keepalive": 7000, "delayed_ack": 40}
    dialogue.play("""
        > ACK ack=11 after=40ms
        send 4000
        > ACK seq=1 len=1000
        > ACK seq=1001 len=1000
        > ACK seq=2001 len=1000
    """)
    others = {"keepalive": 6960, "user_timeout": 5000}
    assert running() == others | {"retransmission": 300, "loss_probe": 202}
    dialogue.play("wait 100ms\n < ACK seq=11 ack=1 win=3000 sack=2001:3001")
    others = {"keepalive": 7000, "user_timeout": 4900}
    assert running() == others | {"retransmission": 200, "reordering": 27}
    dialogue.play("< ACK seq=11 ack=3001 win=0")
    assert running() == {"keepalive": 7000, "persist": 300}
    dialogue.play("< ACK seq=11 ack=3001 win=10")
    assert running() == {"keepalive": 7000, "override": 200}
    dialogue.play("""
        < ACK seq=11 ack=3001 win=3000
        > ACK seq=3001 len=1000
        read 10
        close
        > FIN ACK seq=4001
        < FIN ACK seq=11 ack=4002
        > ACK ack=12
    """)
    assert running() == {"time_wait": 60_000}
    dialogue = TcpDialogue().play("quiet 2s\n connect")
    assert running() == {"quiet": 2000}


words = st.integers(0, 2**32 - 1)
near = st.integers(-70_000, 70_000)
odd_options = st.lists(
    st.one_of(
        st.builds(Timestamps, words, words),
        st.builds(UnknownOption, st.integers(9, 255), st.binary(max_size=4)),
        st.builds(MalformedOption, st.binary(min_size=1, max_size=3), st.just("as it came")),
        st.builds(Sack, st.lists(st.tuples(words, words), min_size=1, max_size=3).map(tuple)),
    ),
    max_size=2,
).map(tuple)


@rule("MUST-5", "MUST-6", "MUST-7", "MUST-64")
@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(near, near, st.integers(0, 255), st.integers(0, 65535), near, odd_options),
        max_size=30,
    )
)
def test_no_segment_breaks_a_connection(
    came: list[tuple[int, int, int, int, int, tuple[Option, ...]]],
):
    dialogue = TcpDialogue().play("""
        listen
        < SYN seq=0 mss=1000 ts=5 sackok ws=2
        > SYN ACK
        < ACK seq=1 ack=1 ts=6
        accept
        send 500
        > ACK len=500
    """)
    tcp, isn = dialogue.layer, dialogue._isn[4000]
    for sequence, number, flags, window, size, options in came:
        header = Tcp(
            4000,
            PORT,
            (dialogue.peer_isn + sequence) % 2**32,
            (isn + number) % 2**32,
            FLAGS[flags],
            window,
            abs(size) % 65536,
            options,
        )
        tcp.receive(dialogue.now, PEER, OURS, header, bytes(max(size, 0) % 3000), ecn=size % 4)
        tcp.to_send(dialogue.now)
        for connection in tcp.sockets:
            cb = connection.cb
            assert cb.snd_una <= cb.snd_nxt
            assert connection.receiving.queued <= connection.receiving.capacity
        due = tcp.next_timeout()
        if due is not None and size % 3 == 0:
            dialogue.now = max(due, dialogue.now)
            tcp.handle_timeout(dialogue.now)


def test_of_too_many_that_wait_the_oldest_ends():
    few = replace(LINUX, time_waits=2)
    pipe = Pipe(profiles=(few, few))
    listener = pipe.server.listen(pipe.now, PORT)
    clients = []
    for _ in range(3):
        client = pipe.client.connect(pipe.now, PEER, PORT)
        clients.append(client)
        pipe.run(lambda: listener.acceptable > 0)
        client.close(pipe.now)
        pipe.run(lambda: next(iter(pipe.server.sockets)).at_end)
        listener.accept().close(pipe.now)
        pipe.run(lambda: not len(pipe.server.sockets))
    assert [client.state.value for client in clients] == ["CLOSED", "TIME_WAIT", "TIME_WAIT"]


def test_who_aborts_what_is_over_leaves_its_successor_alone():
    pipe = Pipe()
    listener = pipe.server.listen(pipe.now, PORT)
    first = pipe.client.connect(pipe.now, PEER, PORT)
    pipe.run(lambda: listener.acceptable > 0)
    over = listener.accept()
    first.abort(pipe.now)
    pipe.run(lambda: not len(pipe.server.sockets))
    bound = pipe.client.bind(None, first.pair.local_port)
    pipe.client.connect(pipe.now, PEER, PORT, binding=bound)
    pipe.run(lambda: listener.acceptable > 0)
    successor = listener.accept()
    assert successor.pair == over.pair
    over.abort(pipe.now)
    assert pipe.server.sockets.connection(over.pair) is successor


def test_text_is_told_of_once_until_that_is_heard():
    pipe = Pipe()
    client, server = pipe.opened()
    pipe.settle()

    def arrives(segments: int) -> list[TcpEvent]:
        client.send(pipe.now, bytes(segments * client.mss))
        out = pipe.client.to_send(pipe.now)
        assert len(out) == segments
        for each in out:
            pipe.server.receive(pipe.now, OURS, PEER, each.header, bytes(each.payload))
        return list(iter(pipe.server.next_event, None))

    assert arrives(3) == arrives(1) == [Readable(server)]


def test_a_host_has_so_many_connections_and_no_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sockets, "LIMIT", 2)
    tcp = layer()
    tcp.listen(0, PORT)
    tcp.connect(0, PEER, 80)
    for port in (4000, 4001):
        tcp.receive(0, PEER, OURS, Tcp(port, PORT, 5, flags=FLAGS[2]))
    assert len(tcp.sockets) == 2
    with pytest.raises(OSError, match="as many connections"):
        tcp.connect(0, PEER, 80)
