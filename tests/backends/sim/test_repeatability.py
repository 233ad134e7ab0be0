"""Another process, whose hashes are others, plays the same lab to the same bytes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from typing import Any

from netlab.backends.sim.loop import play
from netlab.backends.sim.network import SimNetwork, Watcher
from netlab.topology.loading import load_text
from netlab.wire.pcapng import read

A_LAB = """
name: repeated
seed: 11
nodes: {c1..5: {role: client}, r1: {role: router}, server: {role: server}}
links:
  - {lan: [c1..5, r1], impair: {c2: {delay: 3ms, loss: 10%}, c4: {delay: 1ms, jitter: 1ms}}}
  - {ends: [r1, server], mtu: 1300, impair: {rate: 10 Mbit/s, corrupt: 1%}}
"""


def record() -> tuple[bytes, list[str]]:
    """The capture and all events of some clients, groups and connections that are reset."""
    output = BytesIO()
    events: list[str] = []
    plan = load_text(A_LAB, "lab.yaml")
    watcher = Watcher(
        event=lambda node, event: events.append(f"{node} {event}"),
        hit=lambda stretch, way, hit: events.append(f"{stretch} {way} {hit}"),
    )
    network = SimNetwork(plan, capture=output, watcher=watcher)
    server = str(plan.node("server").interfaces[0].addresses[0].ip)
    play(network.world, story(network, server))
    return output.getvalue(), events


async def story(network: SimNetwork, server: str) -> None:
    listener = network.stations["server"].programs.listen(("::", 7))
    clients = [network.stations[f"c{number}"].programs for number in range(1, 6)]
    for client in clients:
        socket = client.datagrams()
        for group in ("239.1.1.1", "239.1.1.2", "239.1.1.3"):
            socket.join(group, "eth0")
        socket.send(bytes(1400), (server, 9))
    await asyncio.sleep(1)

    async def use(number: int) -> Any:
        stream = await clients[number].connect((server, 7))
        await stream.send(bytes(5000))
        return await stream.receive(1)

    waiting = [asyncio.ensure_future(use(number)) for number in range(5) for _ in range(3)]
    await asyncio.sleep(20)
    listener.close()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(each, ConnectionResetError) for each in ended)


def digest() -> str:
    capture, events = record()
    return sha256(capture + "\n".join(events).encode()).hexdigest()


def test_the_same_lab_in_processes_with_other_hashes():
    digests = {
        subprocess.run(
            [sys.executable, __file__],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert digests == {f"{digest()}\n"}


def test_enough_happens_in_it():
    capture, events = record()
    assert len(list(read(BytesIO(capture)))) > 1000
    assert sum("PathMtuChanged" in event for event in events) == 5
    assert sum("corrupt" in event for event in events) > 0


if __name__ == "__main__":
    print(digest())  # noqa: T201 - for whoever has started this process
