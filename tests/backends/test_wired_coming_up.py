"""When a large LAN is switched on."""

from __future__ import annotations

from collections.abc import Sequence

from netlab.backends.wired.coming_up import Talk, has_large_lan, until_said
from netlab.testing.clock import play
from netlab.topology.loading import load_text


class Lan:
    """Says the same from the last of its talks on."""

    def __init__(self, *talks: Talk) -> None:
        self._talks: Sequence[Talk] = talks
        self.looks = 0

    async def listen(self) -> Talk:
        self.looks += 1
        return self._talks[min(self.looks, len(self._talks)) - 1]


def test_all_have_spoken_and_are_quiet():
    lan = Lan(Talk(0.2, 3))

    play(until_said(3, lan.listen))

    assert lan.looks == 5


def test_a_packet_between_two_looks_begins_it_anew():
    lan = Lan(*[Talk(0.06, 3)] * 4, Talk(0.001, 3), Talk(0.06, 3))

    play(until_said(3, lan.listen))

    assert lan.looks == 10


def test_nobody_is_waited_for_who_stays_silent_for_a_second():
    lan = Lan(*[Talk(0.9, 2)] * 9, Talk(1.1, 2))

    play(until_said(3, lan.listen))

    assert lan.looks == 14


def test_one_who_has_not_spoken_yet_is_waited_for():
    lan = Lan(*[Talk(0.4, 2)] * 20, Talk(0.4, 3))

    play(until_said(3, lan.listen))

    assert lan.looks == 25


def test_a_lan_is_large_by_its_members():
    small, large = (
        load_text(f"name: lan\nnodes: {{h1..{n}: }}\nlinks: [{{lan: [h1..{n}]}}]\n", "lan.yaml")
        for n in (31, 32)
    )
    assert not has_large_lan(small)
    assert has_large_lan(large)
