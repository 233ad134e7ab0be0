"""A real emulator between two real interfaces. Each story is played in a namespace apart."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import pytest

from netlab.fabric.emulator import process
from netlab.testing.frames import arp_request, neighbour_solicitation, number_of, tcp, udp
from netlab.testing.stretches import Bench, ip, play
from netlab.topology.impairment import CLEAR, Action, Fault, Profile
from netlab.topology.moment import Moment
from netlab.wire.digest import digest
from netlab.wire.tcp import Flags

pytestmark = pytest.mark.lab

FRAMES = [
    bytes(14),
    b"\xff" * 12 + b"\x00\x26" + bytes(range(38)),  # IEEE 802.3, an LLC frame
    bytes(12) + b"\x86\xdd",
    arp_request(),
    neighbour_solicitation(),
    udp(1),
    udp(2, 1514),
    udp(3, 100, version=6),
    tcp(Flags.SYN, 1),
    bytes(12) + b"\x81\x00\x00\x07\x08\x00" + bytes(range(60)),  # a VLAN tag
    os.urandom(1514),
]


def fault(action: Action, **more: Any) -> Fault:
    return Fault(action, "udp", True, "lab.yaml:1:1", f"{action} udp", **more)


def crossed(bench: Bench, frames: list[bytes], *, back: bool = False) -> list[bytes]:
    source, target = (bench.right, bench.left) if back else (bench.left, bench.right)
    for frame in frames:
        source.send(frame)
    return target.frames(len(frames))


@pytest.mark.parametrize("profile", [CLEAR, Profile(delay=0.001)], ids=["clear", "delay"])
def test_every_kind_of_frame_passes_byte_for_byte(profile: Profile):
    def story(bench: Bench) -> list[bool]:
        bench.join(profile, profile)
        return [crossed(bench, FRAMES) == FRAMES, crossed(bench, FRAMES, back=True) == FRAMES]

    assert play(story) == [True, True]


@pytest.mark.parametrize("profile", [CLEAR, Profile(delay=0.001)], ids=["clear", "delay"])
def test_the_longest_frames_there_are(profile: Profile):
    frames = [os.urandom(65_535 + 14) for _ in range(20)]

    def story(bench: Bench) -> bool:
        bench.join(profile)
        return crossed(bench, frames) == frames

    assert play(story, mtu=65_535)


def test_an_mtu_that_grows_later():
    frames = [udp(1, 100), os.urandom(9014), udp(2, 100), os.urandom(5000), udp(3, 1514)]

    def story(bench: Bench) -> bool:
        bench.join()
        for each in ("left", "left-f", "right-f", "right"):
            ip("link", "set", each, "mtu", 9000)
        return crossed(bench, frames) == frames

    assert play(story)


def test_a_full_ring_counts_what_it_loses_and_goes_on():
    def story(bench: Bench) -> Any:
        bench.join()
        os.kill(bench.emulator, signal.SIGSTOP)
        for number in range(3000):
            bench.left.send(udp(number))
        os.kill(bench.emulator, signal.SIGCONT)
        counts = bench.settle(3000)
        passed = [number_of(frame) for frame in bench.right.frames(counts["passed"])]
        return [counts["ring"], passed, number_of(crossed(bench, [udp(7)])[0])]

    lost, passed, afterwards = play(story)
    assert lost > 0
    assert passed == list(range(3000 - lost))
    assert afterwards == 7


def test_what_is_too_long_for_the_other_side_is_counted():
    def story(bench: Bench) -> Any:
        bench.join()
        ip("link", "set", "right-f", "mtu", 1000)
        bench.left.send(udp(1, 1514))
        bench.left.send(udp(2, 100))
        return [bench.settle(2)["unsent"], number_of(bench.right.receive()[1])]

    assert play(story) == [1, 2]


def test_a_flood_right_after_joining_is_forwarded_in_order():
    frames = [udp(number) for number in range(1500)]

    def story(bench: Bench) -> bool:
        bench.join()
        return crossed(bench, frames) == frames

    assert play(story)


def test_delays_are_never_shorter_and_hardly_longer():
    def story(bench: Bench) -> list[float]:
        bench.join(Profile(delay=0.02))
        delays = []
        for number in range(30):
            sent = time.time_ns()
            bench.left.send(udp(number))
            delays.append((bench.right.receive()[0] - sent) / 1e6)
        return sorted(delays)

    delays = play(story)
    assert delays[0] >= 20
    assert delays[len(delays) // 2] < 40  # a busy machine is late; the benchmark says how much


def test_the_same_seed_loses_the_same_packets():
    def story(bench: Bench) -> list[int]:
        bench.join(Profile(loss=0.3))
        for number in range(100):
            bench.left.send(udp(number))
        passed = bench.settle(100)["passed"]
        return [number_of(frame) for frame in bench.right.frames(passed)]

    first = play(story)
    assert 40 < len(first) < 95
    assert play(story) == first


def test_faults_are_told_with_time_and_digest():
    def story(bench: Bench) -> Any:
        bench.join(faults=[fault(Action.DROP, nth=(2,))])
        before = time.time_ns()
        bench.left.send(udp(0))
        bench.left.send(udp(1))
        counts = bench.settle(2)
        (event,) = bench.events
        assert before - 100_000 <= event.pop("came") == event.pop("t") <= time.time_ns()
        return [number_of(bench.right.receive()[1]), counts["fault"], event]

    number, count, event = play(story)
    assert (number, count) == (0, 1)
    assert event == {
        "kind": "impairment",
        "link": "a -- b",
        "stretch": "a -- b",
        "way": "forward",
        "action": "drop",
        "reason": "fault",
        "text": "drop udp",
        "frame_len": 60,
        "digest": digest(udp(1)),
    }


def test_a_change_while_it_runs():
    def story(bench: Bench) -> Any:
        bench.join(Profile(loss=1.0))
        bench.left.send(udp(1))
        lost = bench.settle(1)["lost"]
        bench.change("forward", loss=0.0)
        bench.left.send(udp(2))
        back = crossed(bench, [udp(3)], back=True)
        return [lost, number_of(bench.right.receive()[1]), number_of(back[0])]

    assert play(story) == [1, 2, 3]


def test_a_fault_at_run_time_and_a_release():
    until = Moment("first", "established")

    def story(bench: Bench) -> Any:
        bench.join()
        bench.ask("fault", name="a -- b", fault=asdict(fault(Action.HOLD, until=until)))
        bench.left.send(udp(1))
        bench.left.send(tcp(Flags.SYN))
        overtaken = bench.right.receive()[1] == tcp(Flags.SYN)
        bench.ask("release", moment="first established")
        released = number_of(bench.right.receive()[1])
        bench.left.send(udp(2))
        return [overtaken, released, number_of(bench.right.receive()[1])]

    assert play(story) == [True, 1, 2]


def test_windows_count_from_the_scenario():
    def story(bench: Bench) -> list[int]:
        bench.join(faults=[fault(Action.DROP, since=0.0, before=60.0)])
        bench.left.send(udp(1))
        passed_before = bench.settle(1)["passed"]
        bench.ask("begin", t=time.time_ns())
        bench.left.send(udp(2))
        dropped_in = bench.settle(2)["fault"]
        bench.ask("begin", t=time.time_ns() - 61_000_000_000)
        bench.left.send(udp(3))
        return [passed_before, dropped_in, bench.settle(3)["passed"]]

    assert play(story) == [1, 1, 2]


def test_a_long_frame_while_the_interface_goes_down_and_up():
    long = os.urandom(5000)

    def story(bench: Bench) -> bool:
        bench.join()
        for each in ("left", "left-f", "right-f", "right"):
            ip("link", "set", each, "mtu", 9000)
        os.kill(bench.emulator, signal.SIGSTOP)
        bench.left.send(long)
        ip("link", "set", "left-f", "down")
        ip("link", "set", "left-f", "up")
        os.kill(bench.emulator, signal.SIGCONT)
        return bench.right.frames(1) == [long] and crossed(bench, [udp(1), long]) == [udp(1), long]

    assert play(story)


@pytest.mark.parametrize("interface", ["left-f", "right-f", "right"])
@pytest.mark.parametrize("profile", [CLEAR, Profile(delay=0.001)], ids=["clear", "delay"])
def test_an_interface_that_goes_down_and_up(interface: str, profile: Profile):
    def story(bench: Bench) -> Any:
        bench.join(profile)
        crossed(bench, [udp(1)])
        ip("link", "set", interface, "down")
        with suppress(OSError):  # with its peer down, a host cannot send
            bench.left.send(udp(2))
            bench.settle(2)
        ip("link", "set", interface, "up")
        return [number_of(frame) for frame in crossed(bench, [udp(3)])]

    assert play(story) == [3]


@pytest.mark.parametrize("profile", [CLEAR, Profile(delay=0.001)], ids=["clear", "delay"])
def test_an_interface_that_vanishes_and_is_made_anew(profile: Profile):
    def story(bench: Bench) -> Any:
        bench.join(profile)
        crossed(bench, [udp(1)])
        ip("link", "delete", "right")
        bench.left.send(udp(2))
        unsent = bench.settle(2)["unsent"]
        bench.right = bench.connect("right")
        bench.join(profile)
        return [unsent, [number_of(frame) for frame in crossed(bench, [udp(3)])]]

    assert play(story) == [1, [3]]


def test_a_stretch_that_joins_again_passes_each_packet_once():
    def story(bench: Bench) -> int:
        bench.join()
        bench.join()
        bench.left.send(udp(1))
        return len(bench.right.frames(2, within=0.1))

    assert play(story) == 1


def test_what_others_send_from_the_fabric_is_not_forwarded():
    def story(bench: Bench) -> Any:
        bench.join()
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as other:
            other.bind(("left-f", 0))
            other.send(udp(1))
        return [len(bench.left.frames(1)), number_of(crossed(bench, [udp(2)])[0])]

    assert play(story) == [1, 2]


def test_what_is_due_sooner_does_not_wait_for_what_is_due_later():
    def story(bench: Bench) -> Any:
        bench.join(Profile(delay=60.0), Profile(delay=0.01))
        bench.left.send(udp(1))
        for _ in range(2):  # by the second answer it has seen the packet, and set its timer
            bench.counts()
        return [number_of(frame) for frame in crossed(bench, [udp(2)], back=True)]

    assert play(story) == [2]


def test_a_queue_that_nobody_empties_at_once_is_not_lost():
    """Many more frames than fit the kernel's backlog, due at the same moment."""
    holding = fault(Action.HOLD, until=Moment("first", "done"))
    frames = [udp(number) for number in range(3000)]

    def story(bench: Bench) -> bool:
        bench.join(faults=[holding])
        for at in range(0, len(frames), 500):
            for frame in frames[at : at + 500]:
                bench.left.send(frame)
            while bench.counts()["held"] < at + 500:
                pass
        bench.ask("release", moment="first done")
        return bench.right.frames(len(frames)) == frames

    assert play(story)


@pytest.mark.parametrize(
    ("do", "arguments", "error"),
    [
        ("dance", {}, "unknown request dance"),
        ("change", {"name": "x", "way": "forward", "profile": {}}, "change: there is no stretch x"),
        (
            "change",
            {"name": "a -- b", "way": "forward", "profile": {"speed": 1}},
            "speed",
        ),
        ("fault", {"name": "a -- b", "fault": {"action": "drop"}}, "expression"),
        ("release", {}, "moment"),
    ],
)
def test_what_cannot_be_done_is_said(do: str, arguments: dict[str, Any], error: str):
    def story(bench: Bench) -> Any:
        bench.join()
        answer = bench.try_to(do, **arguments)
        return [answer, len(crossed(bench, [udp(1)]))]

    answer, passed = play(story)
    assert answer["ok"] is False
    assert error in answer["error"]
    assert passed == 1


def test_an_interface_that_there_is_not():
    def story(bench: Bench) -> Any:
        bench.join()
        stretch = {
            "name": "x",
            "link": "x",
            "left": "nothing",
            "right": "right-f",
            "seed": "",
            "forward": {},
            "backward": {},
        }
        return bench.try_to("join", stretches=[stretch])

    assert play(story) == {
        "id": 2,
        "ok": False,
        "error": "join: nothing: No such device",
    }


def test_closing_ends_forwarding_but_not_the_process():
    def story(bench: Bench) -> Any:
        bench.join()
        bench.ask("close")
        bench.left.send(udp(1))
        nothing = bench.right.frames(1, within=0.05)
        bench.join()
        return [nothing, len(crossed(bench, [udp(2)]))]

    assert play(story) == [[], 1]


def test_it_ends_with_the_orchestrator():
    def story(bench: Bench) -> int:
        bench.join()
        bench._control.shutdown(socket.SHUT_RDWR)
        _, status = os.waitpid(bench.emulator, 0)
        return status

    assert play(story) == 0


def test_an_orchestrator_that_does_not_listen_stops_no_packet():
    def story(bench: Bench) -> Any:
        bench.join(faults=[fault(Action.DUPLICATE)])
        for number in range(3000):  # far more events than a socket holds
            bench.left.send(udp(number))
            bench.right.receive()
            bench.right.receive()
        counts = bench.counts()
        return [counts["passed"], counts["duplicated"], len(bench.events)]

    assert play(story) == [6000, 3000, 3000]


def test_events_that_nobody_hears_take_no_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process, "_MOST_OUTPUT", 1000)

    def story(bench: Bench) -> Any:
        bench.join(faults=[fault(Action.DROP)])
        for number in range(3000):
            bench.left.send(udp(number))
        counts = bench.settle(3000)
        untold = bench.ask("counts")["untold"]
        return [counts["fault"], untold > 0, untold + len(bench.events)]

    assert play(story) == [3000, True, 3000]
