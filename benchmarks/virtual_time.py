"""What virtual time costs: a transfer over a bad link, an hour in which little happens, a lab."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from netlab.stack.tcp.settings import Keepalive
from netlab.stack.units import SECOND
from netlab.testing.worlds import Two, two_hosts
from netlab.topology.impairment import Impairment, Profile
from netlab.wire.states import State

DATA = bytes(range(256)) * 4096
BAD = Profile(delay=0.005, loss=0.01, reorder=0.01, reorder_by=0.002)

LAB = """\
name: a-minute
nodes: {client: , server: {services: [{echo: tcp/7}]}}
links: [client -- server]
scenario:
  - {node: client, connect: tcp server:7, as: first}
  - {request: {send: 1000 bytes, receive: 1000 bytes}, over: first}
  - {close: first}
expect:
  - {states: {first: [FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT, CLOSED]}, within: 2min}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    impairment = Impairment(forward=BAD, backward=BAD)
    tell("1 MiB over 1 % loss and reordering", transfer, impairment, rounds, limit=0.5)
    tell("1 MiB over a clean link", transfer, None, rounds, limit=0.5)
    tell("an hour of keepalive, a probe a minute", an_idle_hour, None, rounds, limit=1.0)
    tell_of_lab("a lab with a minute of TIME-WAIT, from command to report", rounds, limit=3.0)


def tell(
    what: str,
    story: Callable[[Two], Awaitable[None]],
    impairment: Impairment | None,
    rounds: int,
    *,
    limit: float,
) -> None:
    """The median of several seeds, in seconds of processor time."""
    took, passed = [], []
    for seed in range(rounds):
        two = two_hosts(impairment, seed=seed)
        began, started = time.process_time(), two.now
        two.play(story)
        took.append(time.process_time() - began)
        passed.append((two.now - started) / SECOND)
    median = statistics.median(took)
    print(
        f"{what}: {median:.3f} s ({min(took):.3f} to {max(took):.3f}) for"
        f" {statistics.median(passed):.2f} s; {median / limit:.0%} of the {limit} s it may take"
    )


def tell_of_lab(what: str, rounds: int, *, limit: float) -> None:
    """Likewise, of whole processes."""
    took = []
    with TemporaryDirectory() as folder:
        file = Path(folder, "lab.yaml")
        file.write_text(LAB)
        netlab = [sys.executable, "-m", "netlab", "run", str(file), "--backend", "sim"]
        for seed in range(rounds):
            words = [*netlab, "--seed", str(seed), "--out", f"{folder}/{seed}"]
            began = _of_children()
            subprocess.run(words, check=True, capture_output=True)
            took.append(_of_children() - began)
        events = Path(folder, "0", "events.jsonl").read_text().splitlines()
    virtual = json.loads(events[-1])["t"] / SECOND
    median = statistics.median(took)
    print(
        f"{what}: {median:.2f} s ({min(took):.2f} to {max(took):.2f}) for"
        f" {virtual:.2f} s; {median / limit:.0%} of the {limit} s it may take"
    )


def _of_children() -> float:
    """Seconds of processor time that ended processes took."""
    times = os.times()
    return times.children_user + times.children_system


async def transfer(two: Two) -> None:
    client, server = await two.connected()

    async def send() -> None:
        await client.send(DATA)
        client.shutdown()

    sending = asyncio.ensure_future(send())
    received = bytearray()
    while data := await server.receive(1 << 20):
        received += data
    await sending
    assert received == DATA


async def an_idle_hour(two: Two) -> None:
    client, _ = await two.connected()
    client.change(keepalive=Keepalive(idle=60 * SECOND))
    await asyncio.sleep(3600)
    assert client.state is State.ESTABLISHED


if __name__ == "__main__":
    main()
