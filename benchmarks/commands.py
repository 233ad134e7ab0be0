"""How long commands take from the shell, beside what their interpreter alone takes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

_ROUNDS = 7


def best(argv: list[str]) -> float:
    """The shortest of several runs, in seconds."""
    times = []
    for _ in range(_ROUNDS):
        began = time.monotonic()
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
        times.append(time.monotonic() - began)
    return min(times)


def main() -> None:
    interpreter = best([sys.executable, "-c", "pass"])
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "run")
        commands = {
            "netlab --help": [sys.executable, "-m", "netlab", "--help"],
            "netlab run tcp/observed": [
                *(sys.executable, "-m", "netlab", "run", "tcp/observed", "--out", out)
            ],
        }
        print(f"best of {_ROUNDS}                   seconds   times a bare interpreter")
        print(f"{'python -c pass':<26} {interpreter:7.3f}")
        for name, argv in commands.items():
            took = best(argv)
            print(f"{name:<26} {took:7.3f}   {took / interpreter:7.1f}")


if __name__ == "__main__":
    main()
