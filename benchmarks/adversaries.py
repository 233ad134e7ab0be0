"""Conversations over links that do their worst, by the thousand: every byte right, nothing left.

Virtual time, so that hours of back-off pass at once. A number that fails can be played again:
``python benchmarks/adversaries.py --first 1234 --count 1``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from netlab.testing.adversary import Outcome, adversity


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0, help="the number to begin with")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    numbers = range(asked.first, asked.first + asked.count)
    began = time.monotonic()
    failed, carried, passed = 0, 0, 0.0
    for number, outcome in outcomes(numbers, asked.processes):
        if isinstance(outcome, str):
            failed += 1
            print(f"{number}: {outcome}", flush=True)
        else:
            carried += outcome.bytes
            passed += outcome.seconds
    took = time.monotonic() - began
    print(f"{asked.count} conversations, {failed} of them failed; {carried / 1e6:.0f} MB carried")
    print(f"{passed / 3600:.0f} hours of virtual time in {took:.0f} s: {passed / took:.0f} times")


def outcomes(numbers: range, processes: int) -> Iterator[tuple[int, Outcome | str]]:
    if processes == 1:
        yield from map(played, numbers)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(played, numbers, chunksize=20)


def played(number: int) -> tuple[int, Outcome | str]:
    """What became of it, or what failed."""
    try:
        return number, adversity(number)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure
        return number, f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
