"""How long all shipped labs take, one after the other, beside the three minutes they may."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from netlab import shipped
from netlab.topology.loading import load

_LIMIT = 180.0
_SHOWN = 8


@dataclass(frozen=True)
class Ran:
    """``play`` is the scenario's own part of ``seconds``."""

    name: str
    exit_code: int
    seconds: float
    play: float


def run(folder: Path, name: str) -> Ran:
    out = folder / name.replace("/", "-")
    argv = [sys.executable, "-m", "netlab", "run", name, "--out", str(out), "--json"]
    began = time.monotonic()
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    seconds = time.monotonic() - began
    told = json.loads(done.stdout)
    return Ran(name, done.returncode, seconds, told.get("seconds", {}).get("play", 0.0))


def _of_containers(name: str) -> bool:
    return load(shipped.find(name)).backend == "docker"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-once", type=int, default=1, help="labs at the same time")
    parser.add_argument("--docker", action="store_true", help="labs of containers, too")
    chosen = parser.parse_args()
    at_once: int = chosen.at_once
    names = [name for name in shipped.names() if chosen.docker or not _of_containers(name)]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(at_once) as threads:
        ran = list(threads.map(partial(run, Path(folder)), names))
    total = time.monotonic() - began
    for each in sorted(ran, key=lambda one: -one.seconds)[:_SHOWN]:
        print(f"{each.name:<34} {each.seconds:6.2f} s, of which {each.play:6.2f} s are played")
    print(
        f"{len(ran)} labs, {at_once} at once: {total:.1f} s, {total / _LIMIT:.2f} of {_LIMIT:g} s"
    )
    failed = [each.name for each in ran if each.exit_code]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
