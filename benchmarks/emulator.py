"""The userspace link emulator beside a cable: throughput, added latency, and how exact it is.

All in one network namespace of the benchmark's own, so that nobody needs root.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import select
import socket
import statistics
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from netlab import apart, linux
from netlab.backends.netns import userns
from netlab.fabric.device import Device
from netlab.testing.stretches import Bench, Tap, ip, play
from netlab.topology.impairment import CLEAR, Action, BurstLoss, Fault, Profile
from netlab.wire.ethernet import Ethernet
from netlab.wire.ipv4 import Ipv4
from netlab.wire.udp import Udp

_A, _B = bytes([10, 0, 1, 1]), bytes([10, 0, 1, 2])
_MACS = (b"\x02\0\0\0\0\x0a", b"\x02\0\0\0\0\x0b")

#: Ends the echo server.
_END = b"end"

_FAULT = Fault(Action.DROP, "tcp.flags.syn and tcp.dstport == 80", True, "", "", every=2)
_UDP_FAULT = Fault(Action.DROP, "udp.dstport == 80", True, "", "", every=2)

#: Names of ways of forwarding, each with profile and faults.
_FLOODS: dict[str, tuple[Profile, list[Fault]]] = {
    "clear": (CLEAR, []),
    "delay 5ms": (Profile(delay=0.005), []),
    "loss 1 %, delay, jitter": (Profile(loss=0.01, delay=0.005, jitter=0.001), []),
    "burst, reorder, duplicate, corrupt": (
        Profile(
            burst=BurstLoss(0.01, 0.3), reorder=0.01, duplicate=0.01, corrupt=0.01, delay=0.005
        ),
        [],
    ),
    "rate 1 Gbit/s": (Profile(rate=1e9), []),
    "a fault about TCP": (CLEAR, [_FAULT]),
    "a fault about UDP": (CLEAR, [_UDP_FAULT]),
}


def udp_frame(number: int, size: int) -> bytes:
    """A frame of ``size`` bytes that carries ``number``."""
    data = number.to_bytes(8, "big") + bytes(size - 50)
    datagram = Ipv4(_A, _B, 17).emit(Udp(5000, 7000).emit(data, _A, _B))
    return Ethernet(_MACS[1], _MACS[0], 0x0800).emit(datagram)


# Throughput


def flood(packets: int, interface: str) -> float:
    """Send small frames as quickly as Python can; how long it took, in seconds."""
    frame, send = udp_frame(0, 60), Tap(interface).send
    began = time.monotonic()
    for _ in range(packets):
        send(frame)
    return time.monotonic() - began


def packets_received(interface: str) -> int:
    for line in Path("/proc/self/net/dev").read_text().splitlines():
        name, _, numbers = line.partition(":")
        if name.strip() == interface:
            return int(numbers.split()[1])
    raise LookupError(interface)


def cpu_seconds(pid: int) -> float:
    return time.clock_gettime((~pid << 3) | 2)  # CPUCLOCK_SCHED of a process


def forwarded(name: str, packets: int) -> dict[str, float]:
    def story(bench: Bench) -> dict[str, float]:
        profile, faults = _FLOODS[name]
        bench.join(profile, faults=faults)
        cpu_before = cpu_seconds(bench.emulator)
        began = time.monotonic()
        flooding = os.fork()
        if flooding == 0:
            flood(packets, "left")
            os._exit(0)
        os.waitpid(flooding, 0)
        seen = -1
        ended = time.monotonic()
        while (now_seen := packets_received("right")) != seen:
            seen, ended = now_seen, time.monotonic()
            time.sleep(0.02)
        counts = bench.counts()
        handled = packets - counts["ring"]
        cpu = cpu_seconds(bench.emulator) - cpu_before
        return {
            "pps": handled / (ended - began),
            "per core": handled / cpu,
            "lost in ring": counts["ring"],
        }

    result: dict[str, float] = play(story)
    return result


def over_a_cable(packets: int) -> float:
    def task() -> float:
        userns.enter(linux.CLONE_NEWNET)
        Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
        ip("link", "add", "left", "type", "veth", "peer", "name", "right")
        ip("link", "set", "left", "up")
        ip("link", "set", "right", "up")
        return packets / flood(packets, "left")

    return float(apart.call(task))


def throughput(packets: int) -> None:
    cable = over_a_cable(packets)
    print(f"{packets:,} frames of 60 bytes, as fast as one sender can      pps   of a cable")
    print(f"  {'a cable (veth)':<40} {cable:12,.0f}        1.00")
    print(f"  {'through the emulator':<40} {'pps':>12}  of a cable  a CPU second  ring drops")
    for name in _FLOODS:
        got = forwarded(name, packets)
        print(
            f"  {name:<40} {got['pps']:12,.0f} {got['pps'] / cable:11.2f}"
            f" {got['per core']:12,.0f} {got['lost in ring']:11,.0f}"
        )


# Latency


@contextmanager
def host(work: Callable[[int, int], None]) -> Iterator[tuple[int, int, int]]:
    """A process with a network of its own: its pid, and descriptors to read from and write to."""
    ready, ready_write = os.pipe()
    go_read, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            linux.unshare(linux.CLONE_NEWNET)
            Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
            os.write(ready_write, b"+")
            work(go_read, ready_write)
        except BaseException:  # noqa: BLE001 - nothing may return into the parent's code
            traceback.print_exc()
        finally:
            os._exit(0)
    assert os.read(ready, 1) == b"+"
    try:
        yield pid, ready, go
    finally:
        os.close(go)
        os.waitpid(pid, 0)


def configure(interfaces: dict[str, str]) -> None:
    for interface, address in interfaces.items():
        ip("address", "add", f"{address}/24", "dev", interface)
        ip("link", "set", interface, "up")
        with Device(interface) as device:  # as netlab does on links that it impairs
            assert not list(device.disable_offloads())


def echo(go: int, ready: int) -> None:
    os.read(go, 1)
    configure({"right": "10.0.1.2", "cable-r": "10.0.2.2"})
    endpoint = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    endpoint.bind(("0.0.0.0", 7))
    endpoint.settimeout(5)
    os.write(ready, b"+")
    while True:
        data, sender = endpoint.recvfrom(2048)
        if data == _END:
            return
        endpoint.sendto(data, sender)


def ping(rounds: int) -> Callable[[int, int], None]:
    def work(go: int, ready: int) -> None:
        os.read(go, 1)
        configure({"left": "10.0.1.1", "cable-l": "10.0.2.1"})
        endpoint = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        endpoint.settimeout(2)
        times: dict[str, list[float]] = {"10.0.2.2": [], "10.0.1.2": []}
        for _ in range(rounds):
            for address, found in times.items():
                for number in range(60):
                    began = time.perf_counter_ns()
                    endpoint.sendto(bytes(56), (address, 7))
                    endpoint.recv(2048)
                    if number >= 10:
                        found.append((time.perf_counter_ns() - began) / 1000)
        endpoint.sendto(_END, ("10.0.2.2", 7))
        os.write(ready, json.dumps([sorted(each) for each in times.values()]).encode() + b"\n")

    return work


def round_trips(rounds: int) -> tuple[list[float], list[float]]:
    """Of a cable and of a clear stretch, in microseconds, sorted."""

    def story(bench: Bench) -> Any:
        bench.join()
        ip("link", "add", "cable-l", "type", "veth", "peer", "name", "cable-r")
        with (
            host(ping(rounds)) as (client, client_says, client_go),
            host(echo) as (server, server_says, server_go),
        ):
            for side, pid in (("left", client), ("right", server)):
                ip("link", "set", side, "netns", pid)
                ip("link", "set", f"cable-{side[0]}", "netns", pid)
            os.write(server_go, b"+")
            assert os.read(server_says, 1) == b"+"
            os.write(client_go, b"+")
            said = b""
            while not said.endswith(b"\n"):
                said += os.read(client_says, 1 << 16)
            return json.loads(said)

    cable, stretch = play(story)
    return cable, stretch


def latency(rounds: int) -> None:
    cable, stretch = round_trips(rounds)
    print("UDP ping-pong, one way, microseconds       median      90 %      99 %")
    for name, times in (("a cable (veth)", cable), ("a clear stretch", stretch)):
        print(f"  {name:<38} {_row(times)}")
    added = (statistics.median(stretch) - statistics.median(cable)) / 2
    print(f"  {'added at the median':<38} {added:9.1f}")


def _row(round_trips: list[float]) -> str:
    places = (0.5, 0.9, 0.99)
    return " ".join(f"{round_trips[int(len(round_trips) * p)] / 2:9.1f}" for p in places)


# Calibration


def delays(asked: float, packets: int) -> list[float]:
    """One-way delays in ms, from a frame's departure to the kernel's time stamp, sorted."""

    def story(bench: Bench) -> list[float]:
        bench.join(Profile(delay=asked))
        found = []
        for number in range(packets):
            began = time.time_ns()
            bench.left.send(udp_frame(number, 100))
            found.append((bench.right.receive()[0] - began) / 1e6)
        return sorted(found)

    result: list[float] = play(story)
    return result


def timer_lateness(rounds: int) -> list[float]:
    """By how many ms a process that only waits wakes too late, sorted: what no emulator mends."""

    def task() -> list[float]:
        linux.take_short_turns()
        timer, poller = linux.make_timer(), select.epoll()
        poller.register(timer, select.EPOLLIN)
        late = []
        for _ in range(rounds):
            at = time.monotonic_ns() + 1_000_000
            linux.set_timer(timer, at)
            poller.poll()
            late.append((time.monotonic_ns() - at) / 1e6)
            os.read(timer, 8)
        return sorted(late)

    result: list[float] = apart.call(task)
    return result


def _middle_and_last(found: list[float]) -> str:
    return f"{statistics.median(found):9.3f} {found[int(len(found) * 0.99)]:9.3f}"


def lost(chance: float, packets: int) -> int:
    def story(bench: Bench) -> int:
        bench.join(Profile(loss=chance))
        for number in range(packets):
            bench.left.send(udp_frame(number, 100))
            if number % 100 == 0:
                bench.settle(number + 1)
        return bench.settle(packets)["lost"]

    return int(play(story))


def rate(asked: float, packets: int) -> float:
    """Bits per second between the first and the last of frames that came all at once."""

    def story(bench: Bench) -> float:
        bench.join(Profile(rate=asked, queue=packets * 1600))
        for number in range(packets):
            bench.left.send(udp_frame(number, 1514))
        stamps = [bench.right.receive()[0] for _ in range(packets)]
        return (packets - 1) * 1514 * 8 / ((stamps[-1] - stamps[0]) / 1e9)

    return float(play(story))


def calibration() -> None:
    late = timer_lateness(500)
    print(f"a bare timer is late by {_middle_and_last(late)} ms at the median and at 99 %")
    print("one-way delay, ms            median      99 %     allowed at most")
    for asked, packets in ((0.001, 500), (0.01, 200), (0.1, 30)):
        found = delays(asked, packets)
        limit = asked * 1020 + 0.5
        print(f"  {asked * 1000:<22.0f} {_middle_and_last(found)} {limit:15.3f}")
    print("loss                          found    99 % of chances lie within")
    for chance, packets in ((0.01, 20_000), (0.2, 20_000)):
        found_lost = lost(chance, packets)
        spread = 2.576 * math.sqrt(packets * chance * (1 - chance))
        bounds = f"{packets * chance - spread:,.0f} to {packets * chance + spread:,.0f}"
        print(f"  {chance:<22.0%} {found_lost:10,d}    {bounds} of {packets:,}")
    print("rate, Mbit/s                  found     ratio")
    for asked, packets in ((1e6, 50), (1e7, 300), (1e8, 2000)):
        found_rate = rate(asked, packets)
        print(f"  {asked / 1e6:<22.0f} {found_rate / 1e6:10.3f} {found_rate / asked:9.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    throughput(arguments.packets)
    latency(arguments.rounds)
    calibration()


if __name__ == "__main__":
    main()
