"""Nodes on one LAN as containers: netlab, beside bare calls to the engine, and docker-compose.

All three make containers of the same image with the same command on the same engine. The bare calls
make, start and look at as many containers as the lab has, its fabric included, eight at a time, and
do nothing else; docker-compose puts them on a bridge network of its own. Rounds alternate; the best
of each side counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from netlab.backends.docker import containers
from netlab.backends.docker.backend import DockerBackend
from netlab.backends.docker.connecting import client
from netlab.backends.docker.containers import Run
from netlab.backends.docker.engine import Engine
from netlab.topology.loading import load_text
from netlab.topology.plan import Plan

_AT_ONCE = 8

Times = tuple[float, float]


def lan(nodes: int) -> Plan:
    return load_text(
        f"name: lan\nnodes:\n  h1..{nodes}: {{}}\nlinks:\n  - {{lan: [h1..{nodes}]}}\n", "lan.yaml"
    )


def netlab(plan: Plan) -> Times:
    """Wired, addressed and capturing; the clock starts when code and engine are there."""

    async def measure(capture: Path) -> Times:
        backend = DockerBackend()
        await backend.connected()
        began = time.monotonic()
        await backend.up(plan, capture, lambda _event: None)
        up = time.monotonic() - began
        began = time.monotonic()
        await backend.down()
        return up, time.monotonic() - began

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(measure(Path(folder) / "lab.pcapng"))


def bare(plan: Plan) -> Times:
    """The calls that no one can do without."""
    engine = Engine.connect()
    run = Run.new(plan.name)
    image = engine.image(containers.image_name(plan.nodes[0]))

    def start(number: int) -> None:
        node = plan.nodes[number % len(plan.nodes)]
        body = containers.node(run, plan, node, image)
        engine.start(f"{run.name(node.name)}-{number}", body, node)

    began = time.monotonic()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(start, range(len(plan.nodes) + 1)))
    up = time.monotonic() - began
    began = time.monotonic()
    engine.remove_run(run.number)
    return up, time.monotonic() - began


def compose(plan: Plan) -> Times:
    """As many services on a bridge network, with nobody to wait for at the end."""
    service: dict[str, Any] = {
        "image": containers.image_name(plan.nodes[0]),
        "entrypoint": [containers.LAUNCHERS["agent"]],
    }
    services = {f"h{number}": service for number in range(len(plan.nodes) + 1)}
    with tempfile.TemporaryDirectory(prefix="netlab-compose-") as folder:
        file = Path(folder) / "docker-compose.yml"
        file.write_text(json.dumps({"version": "3.8", "services": services}))

        def timed(*words: str) -> float:
            began = time.monotonic()
            command = ["docker-compose", "--file", str(file), *words]
            subprocess.run(command, check=True, capture_output=True)
            return time.monotonic() - began

        return timed("up", "--detach"), timed("down", "--timeout", "0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    plan = lan(arguments.nodes)
    sides = {"bare calls": bare, "netlab": netlab}
    if not shutil.which("docker-compose"):
        print("docker-compose is not measured: it is not installed")
    elif not client().networks(names=["bridge"]):  # it would fail, and leave a bridge behind
        print("docker-compose is not measured: scripts/engine start --with-bridge")
    else:
        sides["docker-compose"] = compose
    measured: dict[str, list[Times]] = {side: [] for side in sides}
    for _ in range(arguments.rounds):
        for side, measure in sides.items():
            measured[side].append(measure(plan))
    best = {side: tuple(map(min, zip(*times, strict=True))) for side, times in measured.items()}
    print(f"{arguments.nodes} nodes, best of {arguments.rounds}      up      down")
    for side, (up, down) in best.items():
        print(f"{side:<20} {up:7.2f} s {down:7.2f} s")
    over = (best["netlab"][0] - best["bare calls"][0]) / arguments.nodes * 1000
    print(f"netlab over bare calls: {over:.1f} ms a node (30 asked)")
    if "docker-compose" in best:
        ratios = [
            theirs / ours
            for theirs, ours in zip(best["docker-compose"], best["netlab"], strict=True)
        ]
        print(f"netlab is {ratios[0]:.1f} times faster up, {ratios[1]:.1f} times down")


if __name__ == "__main__":
    main()
