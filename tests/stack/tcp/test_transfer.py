"""Two ends over a link that loses, repeats and reorders: every byte is right, no timer stays."""

from __future__ import annotations

import errno
import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.stack.tcp.profile import FREEBSD, LINUX, PathProbing
from netlab.stack.tcp.recovery.progress import Phase
from netlab.stack.tcp.settings import Keepalive, Settings
from netlab.testing.tcp_dialogue import OURS, PEER, PORT, FixedPath
from netlab.testing.tcp_pipe import Pipe, Weather, transfer

#: RFC 4821.
PROBING = replace(LINUX, path_probing=PathProbing.BLACK_HOLES)


def text(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


def test_a_mebibyte_over_a_perfect_link():
    pipe = Pipe()
    transfer(pipe, pipe.opened(), text(1 << 20), b"")
    pipe.settle()
    assert len(pipe.wire) < 1600, "more segments than data and every second ACK"


def test_super_segments_are_acknowledged_one_by_one():
    pipe = Pipe(path=FixedPath(limit=65_160))
    transfer(pipe, pipe.opened(), text(4 << 20), b"")
    data = [out for _, out in pipe.wire if out.payload]
    assert max(len(out.payload) for out in data) > 60_000
    assert all(out.segment_size == 1448 for out in data)


def test_a_black_hole_for_large_segments_is_found_and_what_fits_too():
    """RFC 4821."""
    pipe = Pipe(Weather(largest=1300), profiles=(PROBING, PROBING))
    transfer(pipe, pipe.opened(), text(400_000), b"")
    sizes = [len(out.payload) for _, out in pipe.wire]
    assert 1290 < max(sizes[-40:]) <= 1300


def test_trying_larger_segments_makes_no_window_smaller():
    """RFC 4821, 7.7."""
    pipe = Pipe(Weather(largest=1300), profiles=(PROBING, PROBING))
    connection, peer = pipe.opened()
    end = connection.cb.snd_nxt + connection.send(pipe.now, text(400_000))
    phases = set()

    def has_arrived() -> bool:
        phases.add(connection.recovery.phase)
        if peer.readable:
            peer.receive(pipe.now, 1 << 20)
        return connection.cb.snd_una == end

    pipe.run(has_arrived)
    assert phases == {Phase.OPEN, Phase.DISORDER, Phase.LOSS}


def test_without_probing_it_swallows_the_connection():
    pipe = Pipe(Weather(largest=1300))
    connection, _ = pipe.opened()
    connection.send(pipe.now, text(400_000))
    pipe.run(lambda: connection.error == errno.ETIMEDOUT)


weather = st.builds(
    Weather,
    loss=st.sampled_from((0, 0.01, 0.1, 0.3)),
    duplication=st.sampled_from((0, 0.1, 0.3)),
    reordering=st.sampled_from((0, 0.1, 0.5)),
    marking=st.sampled_from((0, 0.1)),
)
wishes = st.builds(
    Settings,
    nodelay=st.booleans(),
    timestamps=st.booleans(),
    sack=st.booleans(),
    window_scaling=st.booleans(),
    ecn=st.booleans(),
    send_buffer=st.sampled_from((None, 1000, 50_000)),
    receive_buffer=st.sampled_from((None, 100, 5_000, 100_000)),
)


@st.composite
def pipes(draw: st.DrawFn) -> Pipe:
    # In such weather a dozen retransmissions may all be lost, which is no reason to give up here.
    profile = st.sampled_from((LINUX, FREEBSD)).map(lambda each: replace(each, retries=99))
    path = FixedPath(limit=draw(st.sampled_from((1460, 65_160))))
    return Pipe(draw(weather), draw(st.integers(0, 1 << 30)), (draw(profile), draw(profile)), path)


@settings(max_examples=60, deadline=None)
@given(
    pipe=pipes(), mine=wishes, theirs=wishes, size=st.integers(0, 60_000), back=st.integers(0, 9999)
)
def test_every_byte_arrives_in_any_weather(
    pipe: Pipe, mine: Settings, theirs: Settings, size: int, back: int
):
    connection, listener = pipe.open(mine, theirs)
    pipe.run(lambda: bool(listener.acceptable or connection.error) or pipe.server_gave_up)
    if listener.acceptable:
        transfer(pipe, (connection, listener.accept()), text(size), text(back, 1))
    else:
        connection.abort(pipe.now)
    pipe.settle()
    assert not len(pipe.client.sockets)
    assert not len(pipe.server.sockets)


@settings(max_examples=20, deadline=None)
@given(pipe=pipes(), mine=wishes, theirs=wishes, size=st.integers(0, 20_000))
def test_ends_that_open_at_once_understand_each_other(
    pipe: Pipe, mine: Settings, theirs: Settings, size: int
):
    ends = (
        pipe.client.connect(
            pipe.now, PEER, PORT, binding=pipe.client.bind(None, PORT), settings=mine
        ),
        pipe.server.connect(
            pipe.now, OURS, PORT, binding=pipe.server.bind(None, PORT), settings=theirs
        ),
    )
    pipe.run(lambda: all(end.cb.syn_acknowledged or end.error for end in ends))
    if not any(end.error for end in ends):
        transfer(pipe, ends, text(size), text(size // 2, 1))
    for end in ends:
        end.abort(pipe.now)
    pipe.settle()
    assert not len(pipe.client.sockets)
    assert not len(pipe.server.sockets)


@settings(max_examples=20, deadline=None)
@given(pipe=pipes(), mine=wishes, segments=st.integers(1, 60))
def test_an_end_that_aborts_leaves_nothing_behind(pipe: Pipe, mine: Settings, segments: int):
    """The other end may not hear of it, so it asks now and then."""
    asking = replace(mine, keepalive=Keepalive(idle=10**9, interval=10**9, count=3))
    connection, listener = pipe.open(mine, asking)
    pipe.run(lambda: bool(listener.acceptable or connection.error) or pipe.server_gave_up)
    if listener.acceptable:
        peer = listener.accept()
        if peer.writable:
            peer.send(pipe.now, text(50_000))
        begun = len(pipe.wire)
        pipe.run(lambda: len(pipe.wire) >= begun + segments or not peer.sending)
    connection.abort(pipe.now)
    pipe.settle()
    assert not len(pipe.client.sockets)
    assert not len(pipe.server.sockets)
