"""The userspace stack beside the kernel's: throughput, latency, connections, losses.

Each row is measured twice in the same run, over the same link, with the kernel's stack at the other
end: once with the userspace stack at this one, once with the kernel's. All in network namespaces of
the benchmark's own, so that nobody needs root.

With ``--pytcp`` some rows are measured a third time, with PyTCP instead of ours, over a tap device
instead of a cable, and as much of it as it does in seconds (beside_pytcp.py). Where /dev/net/tun is
root's alone, that needs root.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import socket
import statistics
import subprocess
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from netlab import apart, linux
from netlab.backends.netns import userns
from netlab.stack.udp.settings import UdpSettings
from netlab.testing.stretches import ip
from netlab.testing.userspace import Pair, Setting, built, use_cubic
from netlab.topology.impairment import Profile
from netlab.wire.address import from_text

SINK, SOURCE, ECHO, SHORT = 9, 19, 7, 13
_CHUNK = 1 << 20
_PEER = "10.0.0.2"
_PYTCP = Path(__file__).with_name("beside_pytcp.py")
#: Seconds for one measurement of PyTCP.
_PATIENCE = 120


# The kernel's host


@contextmanager
def peer(namespace: int) -> Iterator[None]:
    """Servers on the kernel's host, in a process of their own."""
    reading, writing = os.pipe()
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        try:
            linux.die_with_parent(parent)
            linux.setns(namespace, linux.CLONE_NEWNET)
            _serve(writing)
        except BaseException:  # noqa: BLE001 - nothing may return into the parent's code
            traceback.print_exc()
        finally:
            os._exit(0)
    assert os.read(reading, 1) == b"+"
    try:
        yield
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def _serve(ready: int) -> None:
    for port, serve in ((SINK, _sink), (SOURCE, _source), (SHORT, _short)):
        listener = socket.create_server(("0.0.0.0", port), backlog=1024)
        use_cubic(listener)
        threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()
    echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    echo.bind(("0.0.0.0", ECHO))
    os.write(ready, b"+")
    while True:
        data, sender = echo.recvfrom(2048)
        echo.sendto(data, sender)


def _accept(listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    while True:
        serve(listener.accept()[0])


def _sink(end: socket.socket) -> None:
    buffer = bytearray(_CHUNK)
    while end.recv_into(buffer):
        pass
    end.sendall(b"+")
    end.close()


def _source(end: socket.socket) -> None:
    left, block = int.from_bytes(end.recv(8), "big"), bytes(_CHUNK)
    while left:
        left -= end.send(block[: min(left, _CHUNK)])
    end.close()


def _short(end: socket.socket) -> None:
    end.recv(1)
    end.close()


# The same with the kernel's stack


def kernel_send(size: int) -> float:
    with socket.create_connection((_PEER, SINK)) as end:
        use_cubic(end)
        began, block = time.perf_counter(), bytes(_CHUNK)
        for _ in range(size // _CHUNK):
            end.sendall(block)
        end.shutdown(socket.SHUT_WR)
        assert end.recv(1) == b"+"
        return time.perf_counter() - began


def kernel_receive(size: int) -> float:
    with socket.create_connection((_PEER, SOURCE)) as end:
        began, got, buffer = time.perf_counter(), 0, bytearray(_CHUNK)
        end.sendall(size.to_bytes(8, "big"))
        while taken := end.recv_into(buffer):
            got += taken
        assert got == size
        return time.perf_counter() - began


def kernel_echo(count: int) -> float:
    """The median, as the others in seconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.connect((_PEER, ECHO))
        times = []
        for _ in range(count):
            began = time.perf_counter()
            end.send(bytes(64))
            end.recv(2048)
            times.append(time.perf_counter() - began)
    return statistics.median(times)


def kernel_connect(count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        with socket.create_connection((_PEER, SHORT)) as end:
            end.shutdown(socket.SHUT_WR)
            assert not end.recv(1)
    return time.perf_counter() - began


# And with ours


async def user_send(pair: Pair, size: int) -> float:
    connection = await pair.connect(SINK)
    began, block = time.perf_counter(), bytes(_CHUNK)
    for _ in range(size // _CHUNK):
        await pair.send(connection, block, 60)
    pair.shutdown(connection)
    assert await pair.receive(connection, 60) == b"+"
    took = time.perf_counter() - began
    pair.abort(connection)
    return took


async def user_receive(pair: Pair, size: int) -> float:
    connection = await pair.connect(SOURCE)
    began, got = time.perf_counter(), 0
    await pair.send(connection, size.to_bytes(8, "big"))
    while taken := await pair.receive(connection, 60):
        got += len(taken)
    assert got == size
    took = time.perf_counter() - began
    pair.close(connection)
    return took


async def user_echo(pair: Pair, count: int) -> float:
    end = pair.host.udp.socket(settings=UdpSettings())
    end.connect(from_text(_PEER), ECHO)
    times = []
    for _ in range(count):
        began = time.perf_counter()
        end.send(pair.now, bytes(64))
        pair.driver.stirred()
        await pair.until(lambda: end.is_readable)
        end.receive()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


async def user_connect(pair: Pair, count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        connection = await pair.connect(SHORT)
        pair.shutdown(connection)
        assert not await pair.receive(connection)
        pair.close(connection)
    return time.perf_counter() - began


Kernel = Callable[[int], float]
User = Callable[[Pair, int], Awaitable[float]]


def measure(setting: Setting, kernel: Kernel, user: User, amount: int) -> dict[str, float]:
    """Seconds of wall clock of both, and of the processor for ours."""

    def with_kernel() -> Any:
        userns.enter(linux.CLONE_NEWNET)
        with built(replace(setting, is_userspace=False)) as (here, there), peer(there):
            linux.setns(here, linux.CLONE_NEWNET)
            return kernel(amount)

    def with_ours() -> Any:
        userns.enter(linux.CLONE_NEWNET)
        with built(setting) as (here, there), peer(there):
            linux.setns(here, linux.CLONE_NEWNET)
            return asyncio.run(_ours(setting, user, amount))

    return {"kernel": apart.call(with_kernel), **apart.call(with_ours)}


async def _ours(setting: Setting, user: User, amount: int) -> dict[str, float]:
    pair = Pair(setting)
    pair.start()
    profiler = cProfile.Profile() if os.environ.get("PROFILE") else None
    before = time.process_time()
    if profiler:
        profiler.enable()
    took = await user(pair, amount)
    if profiler:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)
    cpu = time.process_time() - before
    pair.driver.close()
    return {"ours": took, "cpu": cpu}


def measure_pytcp(interpreter: str, what: str, amount: int) -> dict[str, float]:
    """The same of PyTCP; LabError when it does not come to an end."""

    def task() -> Any:
        if os.geteuid() == 0:
            linux.unshare(linux.CLONE_NEWNET)
        else:
            userns.enter(linux.CLONE_NEWNET)
        ip("tuntap", "add", "dev", "eth0", "mode", "tap")
        ip("address", "add", f"{_PEER}/24", "dev", "eth0")
        ip("link", "set", "eth0", "up")
        here = os.open("/proc/self/ns/net", os.O_RDONLY)
        # -O leaves its log out.
        argv = (interpreter, "-O", str(_PYTCP), what, str(amount))
        with peer(here):
            done = subprocess.run(argv, capture_output=True, check=True, timeout=_PATIENCE)
        return json.loads(done.stdout.splitlines()[-1])

    return dict(apart.call(task))


CLEAN = Setting()
LOSSY = Setting(forward=Profile(loss=0.01, delay=0.005), backward=Profile(delay=0.005))
REORDERING = Setting(forward=Profile(reorder=0.01, delay=0.005), backward=Profile(delay=0.005))
DELAYED = Setting(forward=Profile(delay=0.005), backward=Profile(delay=0.005))
MIB = 1 << 20

BULK: dict[str, tuple[Setting, Kernel, User, int]] = {
    "send, fast": (Setting(fast=True), kernel_send, user_send, 1024 * MIB),
    "receive, fast": (Setting(fast=True), kernel_receive, user_receive, 1024 * MIB),
    "send, wire, MTU 1500": (CLEAN, kernel_send, user_send, 32 * MIB),
    "receive, wire, MTU 1500": (CLEAN, kernel_receive, user_receive, 32 * MIB),
    "send, wire, MTU 9000": (Setting(mtu=9000), kernel_send, user_send, 256 * MIB),
    "receive, wire, MTU 9000": (Setting(mtu=9000), kernel_receive, user_receive, 256 * MIB),
    "send, 1 % loss, 10 ms": (LOSSY, kernel_send, user_send, 8 * MIB),
    "send, 1 % reordered, 10 ms": (REORDERING, kernel_send, user_send, 16 * MIB),
    "send, 10 ms": (DELAYED, kernel_send, user_send, 16 * MIB),
}


#: What PyTCP is asked for, and how much of it.
WITH_PYTCP: dict[str, tuple[str, int]] = {
    "send, wire, MTU 1500": ("send", 8 * MIB),
    "receive, wire, MTU 1500": ("receive", MIB),
    "64-byte UDP echo, median": ("echo", 2000),
    "connect and close": ("connect", 100),
}

BRIEF: dict[str, tuple[Kernel, User, int, float]] = {
    "64-byte UDP echo, median": (kernel_echo, user_echo, 2000, 1),
    "connect and close": (kernel_connect, user_connect, 1500, 1500),
}


def bulk(name: str, rounds: int, pytcp: str) -> None:
    setting, kernel, user, size = BULK[name]
    found = [measure(setting, kernel, user, size) for _ in range(rounds)]
    theirs, ours, cpu = (
        size * 8 / 1e6 / min(each[key] for each in found) for key in ("kernel", "ours", "cpu")
    )
    print(_row(name, theirs, ours, cpu), flush=True)
    if pytcp and name in WITH_PYTCP:
        what, size = WITH_PYTCP[name]
        found = [measure_pytcp(pytcp, what, size) for _ in range(rounds)]
        ours, cpu = (size * 8 / 1e6 / min(each[key] for each in found) for key in ("took", "cpu"))
        print(_row("  with PyTCP", theirs, ours, cpu), flush=True)


def brief(name: str, rounds: int, pytcp: str) -> None:
    kernel, user, count, times = BRIEF[name]
    found = [measure(CLEAN, kernel, user, count) for _ in range(rounds)]
    theirs, ours = (min(each[key] for each in found) / times * 1e6 for key in ("kernel", "ours"))
    cpu = min(each["cpu"] for each in found) / count * 1e6
    print(_row(name, theirs, ours, cpu), flush=True)
    if pytcp:
        what, count = WITH_PYTCP[name]
        found = [measure_pytcp(pytcp, what, count) for _ in range(rounds)]
        ours = min(each["took"] for each in found) / (count if times > 1 else 1) * 1e6
        cpu = min(each["cpu"] for each in found) / count * 1e6
        print(_row("  with PyTCP", theirs, ours, cpu), flush=True)


def _row(name: str, theirs: float, ours: float, cpu: float) -> str:
    return f"  {name:<30} {theirs:10,.0f} {ours:10,.0f} {ours / theirs:8.3f} {cpu:12,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose names have this in them")
    parser.add_argument("--pytcp", default="", help="a Python interpreter that finds PyTCP")
    arguments = parser.parse_args()
    for what, unit, names, show in (
        ("Mbit/s", "a CPU second", BULK, bulk),
        ("microseconds", "of the CPU", BRIEF, brief),
    ):
        title = f"{what}, the best of {arguments.rounds}"
        print(f"{title:<32} {'kernel':>10} {'ours':>10} {'ratio':>8} {unit:>12}")
        for name in names:
            if arguments.only in name:
                show(name, arguments.rounds, arguments.pytcp)


if __name__ == "__main__":
    main()
