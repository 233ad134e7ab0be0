"""What a real interface does with frames."""

from __future__ import annotations

import os
from typing import Any

import pytest

from netlab.fabric.emulator.port import Port, Sent
from netlab.testing.frames import udp
from netlab.testing.stretches import Bench, ip, play

pytestmark = pytest.mark.lab


def test_a_frame_is_sent():
    def story(bench: Bench) -> Any:
        sent = Port("right-f", 1).send(udp(1))
        return [sent is Sent.YES, bench.right.frames(1) == [udp(1)]]

    assert play(story) == [True, True]


@pytest.mark.parametrize(
    "doing",
    [
        ("link", "set", "right", "down"),
        ("link", "set", "right-f", "down"),
        ("link", "set", "right-f", "mtu", "500"),
        ("link", "delete", "right-f"),
    ],
    ids=" ".join,
)
def test_a_frame_that_can_never_be_sent(doing: tuple[str, ...]):
    def story(_: Bench) -> bool:
        port = Port("right-f", 1)
        ip(*doing)
        return port.send(os.urandom(1000)) is Sent.NEVER

    assert play(story)


def test_an_interface_that_there_is_not():
    def story(_: Bench) -> None:
        Port("nothing", 1)

    with pytest.raises(OSError, match="nothing: No such device"):
        play(story)
