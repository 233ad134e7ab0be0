"""What a node costs when there are a thousand: time up and down, and memory of its own.

Rounds alternate between a small and a large lab, each in a fresh process as an unprivileged user,
agents in all nodes and captures at all interfaces; the best of each side counts. Memory is what
no two processes share: Private_Clean and Private_Dirty of /proc/PID/smaps_rollup, over all of the
lab's processes, its collector with its capture rings included.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent

#: Hosts of one router in a tree.
_FAN_OUT = 31

#: Named are the costs of a node; that of going down has a bound for the whole lab.
_PHASES = ("load", "plan", "up", "down")

_PROGRAM = """
import asyncio, json, pathlib, sys, time
sys.path.insert(0, {root!r})
from netlab.backends.netns.backend import NetnsBackend
from netlab.folder import RunFolder
from netlab.testing.labs import descendants
from netlab.topology.loading import load_text

text, folder = sys.stdin.read(), pathlib.Path(sys.argv[1])
backend = NetnsBackend()
backend.warm()
times = {{}}

def since(began):
    return time.monotonic() - began

began = time.monotonic()
plan = load_text(text, "lab.yaml")
times["load"] = since(began)
began = time.monotonic()
RunFolder(folder).write_json("plan.json", plan.to_json())
times["plan"] = since(began)

def private(pid):
    rows = pathlib.Path(f"/proc/{{pid}}/smaps_rollup").read_text().splitlines()
    return sum(int(row.split()[1]) for row in rows if row.startswith("Private_"))

def busy(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{{pid}}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / 100

async def main():
    ready = []
    began = time.monotonic()
    await backend.up(plan, folder / "lab.pcapng", ready.append)
    times["up"] = since(began)
    assert sum(event.get("status") == "ready" for event in ready) == len(plan.nodes)
    processes = [backend.first_pid, *descendants(backend.first_pid)]
    memory = sum(map(private, processes))
    before, began = busy(processes), time.monotonic()
    await asyncio.sleep({idle})
    idle = (busy(processes) - before) / since(began)
    counts = await backend.flush()
    began = time.monotonic()
    await backend.down()
    times["down"] = since(began)
    print(json.dumps({{
        "nodes": len(plan.nodes), "times": times, "memory": memory, "idle": idle,
        "frames": sum(each.packets for each in counts),
        "drops": sum(each.drops for each in counts),
        "bytes": (folder / "lab.pcapng").stat().st_size,
    }}))

asyncio.run(main())
"""


def lan(nodes: int) -> str:
    """Hosts on one LAN."""
    return f"name: lan\nnodes:\n  h1..{nodes}: {{}}\nlinks:\n  - {{lan: [h1..{nodes}]}}\n"


def tree(nodes: int) -> str:
    """A router above routers, each of which has hosts on links of their own."""
    routers = max(1, (nodes - 1) // (_FAN_OUT + 1))
    hosts = nodes - 1 - routers
    lines = ["name: tree", "nodes:", "  core: {role: router}"]
    lines += [f"  r1..{routers}: {{role: router}}", f"  h1..{hosts}: {{}}"]
    lines += ["links:", f"  - r1..{routers} -- core"]
    for router in range(routers):
        first, last = hosts * router // routers + 1, hosts * (router + 1) // routers
        lines.append(f"  - h{first}..{last} -- r{router + 1}")
    return "\n".join(lines) + "\n"


SHAPES = {"lan": lan, "tree": tree}


def measure(topology: str, idle: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        program = _PROGRAM.format(root=str(_ROOT), idle=idle)
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        done = subprocess.run(
            [*(user if os.geteuid() == 0 else []), sys.executable, "-c", program, folder],
            input=topology,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def best(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """The shortest time of each phase, and the rest of the last round."""
    times = {phase: min(each["times"][phase] for each in rounds) for phase in _PHASES}
    return {**rounds[-1], "times": times}


def show(shape: str, small: dict[str, Any], large: dict[str, Any]) -> None:
    print(f"{shape:<20} {small['nodes']:>6} nodes {large['nodes']:>6} nodes   a node, ratio")
    for phase in _PHASES:
        one, other = small["times"][phase], large["times"][phase]
        ratio = (other / large["nodes"]) / (one / small["nodes"])
        print(f"  {phase:<16} {one:10.2f} s {other:12.2f} s   {ratio:12.2f}")
    for name, divisor, unit in (("memory", 1024, "MB a node"),):
        one, other = (each[name] / divisor / each["nodes"] for each in (small, large))
        print(f"  {name:<16} {one:10.2f} {other:14.2f}     {unit}")
    for name in ("idle", "frames", "drops", "bytes"):
        print(f"  {name:<16} {small[name]:10.6g} {large[name]:14.6g}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--beside", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=float, default=3.0, help="seconds to look at an idle lab")
    parser.add_argument("--shape", choices=list(SHAPES), action="append")
    arguments = parser.parse_args()
    for shape in arguments.shape or SHAPES:
        make = SHAPES[shape]
        rounds = [
            (
                measure(make(arguments.beside), arguments.idle),
                measure(make(arguments.nodes), arguments.idle),
            )
            for _ in range(arguments.rounds)
        ]
        small, large = zip(*rounds, strict=True)
        show(shape, best(list(small)), best(list(large)))


if __name__ == "__main__":
    main()
