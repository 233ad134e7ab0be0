"""What an idle connection of the userspace stack costs in memory, of many at once."""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor

from netlab.testing.crowd import cost, resident, traced

#: What one end may cost (bytes).
LIMIT = 15_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, nargs="+", default=[1000, 5000])
    for count in parser.parse_args().connections:
        for what, measured in (("objects", traced), ("process", resident)):
            with ProcessPoolExecutor(1) as apart:
                size = apart.submit(cost, count, measured).result()
            print(
                f"{count:,} connections: {size:,.0f} bytes an end ({what}),"
                f" {size / LIMIT:.0%} of the {LIMIT:,} it may cost"
            )


if __name__ == "__main__":
    main()
