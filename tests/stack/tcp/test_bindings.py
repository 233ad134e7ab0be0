"""Who may have a port beside whom; the answers are those of Linux (socket(7), ip(7))."""

from __future__ import annotations

import errno
from dataclasses import dataclass

import pytest

from netlab.stack.tcp.settings import Settings
from netlab.testing.errnos import fails_with
from netlab.testing.tcp_dialogue import OURS, PEER, PORT, FixedPath, TcpDialogue

OTHER, OURS_V6 = bytes((10, 0, 0, 9)), b"\xfd" + bytes(14) + b"\1"
ANY, ANY_V4 = None, bytes(4)

ALONE = Settings(reuse_address=False)
REUSE = Settings(reuse_address=True)
SHARE = Settings(reuse_address=False, reuse_port=True)


@dataclass
class OnlyOurs(FixedPath):
    def is_own(self, address: bytes) -> bool:
        return address in {OURS, OURS_V6}


def bound_beside(first: bytes | None, mine: Settings, second: bytes | None, theirs: Settings):
    layer = TcpDialogue().layer
    layer.bind(first, PORT, mine)
    layer.bind(second, PORT, theirs)


@pytest.mark.parametrize(
    ("first", "second"),
    [(OURS, OURS), (ANY, OURS), (OURS, ANY), (ANY_V4, OURS), (ANY, ANY_V4), (ANY, OURS_V6)],
)
def test_addresses_that_overlap_exclude_each_other(first: bytes | None, second: bytes | None):
    for mine, theirs in ((ALONE, ALONE), (REUSE, ALONE), (ALONE, REUSE), (SHARE, REUSE)):
        with fails_with(errno.EADDRINUSE):
            bound_beside(first, mine, second, theirs)
    bound_beside(first, REUSE, second, REUSE)
    bound_beside(first, SHARE, second, SHARE)


@pytest.mark.parametrize("second", [OTHER, OURS_V6])
def test_addresses_that_differ_do_not(second: bytes):
    bound_beside(OURS, ALONE, second, ALONE)


def test_all_of_ipv4_leaves_ipv6_alone():
    bound_beside(ANY_V4, ALONE, OURS_V6, ALONE)


def test_all_of_ipv6_leaves_ipv4_alone_only_if_told_to():
    any_v6 = bytes(16)
    alone_v6 = Settings(reuse_address=False, only_v6=True)
    bound_beside(ANY_V4, ALONE, any_v6, alone_v6)
    for first, mine in ((ANY_V4, ALONE), (OURS_V6, alone_v6)):
        with fails_with(errno.EADDRINUSE):
            bound_beside(first, mine, any_v6, ALONE)
    with fails_with(errno.EADDRINUSE):
        bound_beside(OURS_V6, ALONE, any_v6, alone_v6)


def test_what_is_bound_to_one_family_connects_to_no_other():
    layer = TcpDialogue().layer
    with fails_with(errno.EAFNOSUPPORT):
        layer.connect(0, PEER, 80, binding=layer.bind(OURS_V6, PORT))
    assert len(layer.sockets) == 0


def test_two_that_reuse_an_address_cannot_both_listen():
    layer = TcpDialogue().layer
    second = layer.bind(OURS, PORT, REUSE)
    layer.sockets.unbind(second)
    layer.listen(0, PORT, address=OURS, settings=REUSE)
    with fails_with(errno.EADDRINUSE):
        layer.listen(0, PORT, address=OURS, settings=REUSE)
    with fails_with(errno.EADDRINUSE):
        layer.bind(OURS, PORT, REUSE)


def test_two_that_share_a_port_can():
    layer = TcpDialogue().layer
    first, second = (layer.listen(0, PORT, settings=SHARE) for _ in range(2))
    assert set(layer.sockets.listeners) == {first, second}
    first.close(0)
    assert layer.sockets.listeners == (second,)


def test_a_server_that_begins_again_meets_the_connections_of_the_last_one():
    dialogue = TcpDialogue(settings=ALONE).play("""
        listen
        < SYN seq=0
        > SYN ACK
        < ACK seq=1 ack=1
        accept
    """)
    assert dialogue.listener is not None
    dialogue.listener.close(dialogue.now)
    with fails_with(errno.EADDRINUSE):
        dialogue.layer.listen(dialogue.now, PORT, settings=ALONE)
    with fails_with(errno.EADDRINUSE):
        dialogue.layer.listen(dialogue.now, PORT, settings=REUSE)
    dialogue.play("""
        close
        > FIN ACK seq=1 ack=1
        < FIN ACK seq=1 ack=2
        > ACK seq=2 ack=2
        state TIME_WAIT
    """)
    with fails_with(errno.EADDRINUSE):
        dialogue.layer.listen(dialogue.now, PORT, settings=ALONE)
    dialogue.play("wait 60s")
    dialogue.layer.listen(dialogue.now, PORT, settings=ALONE)


def test_with_reuse_it_need_not_wait():
    dialogue = TcpDialogue().play("""
        listen
        < SYN seq=0
        > SYN ACK
        < ACK seq=1 ack=1
        accept
    """)
    assert dialogue.listener is not None
    dialogue.listener.close(dialogue.now)
    dialogue.layer.listen(dialogue.now, PORT)


def test_somebody_elses_address_is_not_to_be_had():
    layer = TcpDialogue(path=OnlyOurs()).layer
    with fails_with(errno.EADDRNOTAVAIL):
        layer.bind(OTHER, PORT)
    with fails_with(errno.EADDRNOTAVAIL):
        layer.listen(0, PORT, address=OTHER)
    layer.bind(OURS, PORT)


def test_a_port_is_free_again_when_its_connection_is_gone():
    layer = TcpDialogue().layer
    here = layer.bind(OURS, PORT, ALONE)
    connection = layer.connect(0, PEER, 80, binding=here, settings=ALONE)
    with fails_with(errno.EADDRINUSE):
        layer.bind(OURS, PORT, ALONE)
    connection.abort(0)
    layer.bind(OURS, PORT, ALONE)


def test_ephemeral_ports_are_none_that_a_program_has_bound():
    layer = TcpDialogue().layer
    layer.sockets.ports.ephemeral = range(50000, 50004)
    layer.bind(ANY, 50001)
    taken = {layer.connect(0, PEER, 80).pair.local_port for _ in range(3)}
    assert taken == {50000, 50002, 50003}
    with fails_with(errno.EADDRNOTAVAIL):
        layer.connect(0, PEER, 80)
    assert layer.connect(0, PEER, 81).pair.local_port in taken
    with fails_with(errno.EADDRINUSE):
        layer.bind(OURS, 0)
