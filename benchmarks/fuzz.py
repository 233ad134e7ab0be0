"""Hosts that talk while frames are spoilt and added, by the million: nothing escapes or stays.

Virtual time. A number that fails can be played again: ``python benchmarks/fuzz.py --first 1234
--frames 1``.
"""

from __future__ import annotations

import argparse
import resource
import time
import traceback

from netlab.testing.interference import interference

#: After so many there is enough to look at.
MOST_FAILURES = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0, help="the number to begin with")
    parser.add_argument("--frames", type=int, default=10_000_000)
    parser.add_argument("--tell", type=int, default=100_000, help="so often, in frames")
    asked = parser.parse_args()
    began, number, frames, failed, told = time.monotonic(), asked.first, 0, 0, 0
    while frames < asked.frames and failed < MOST_FAILURES:
        try:
            frames += interference(number)
        except Exception:  # noqa: BLE001 - whatever it is, it is a failure
            failed += 1
            print(f"{number}: {traceback.format_exc(limit=-4)}", flush=True)
        number += 1
        if frames // asked.tell > told or frames >= asked.frames:
            told = frames // asked.tell
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
            took = time.monotonic() - began
            print(
                f"{frames:,} frames in {number - asked.first:,} trials, {failed} of them failed;"
                f" {took:.0f} s, {memory} MiB at most",
                flush=True,
            )


if __name__ == "__main__":
    main()
