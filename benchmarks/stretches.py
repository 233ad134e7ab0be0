"""Round trips over a plain link, one that nftables stands in, and one that the emulator stands in.

One lab with all three side by side; the client asks them in turn, so that all have the same luck.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from textwrap import dedent

from netlab.testing.commands import run_lab

_LINKS = ("plain", "again", "nft", "emulator")

_PINGPONG = """\
import json, socket, sys, time
names, rounds = sys.argv[1].split(","), int(sys.argv[2])
sockets = []
for name in names:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((f"server.{name}", 7))
    s.settimeout(5)
    sockets.append(s)
times = {name: [] for name in names}
for number in range(rounds + 50):
    for name, s in zip(names, sockets):
        began = time.perf_counter_ns()
        s.send(b"x")
        s.recv(1)
        if number >= 50:
            times[name].append(time.perf_counter_ns() - began)
print(json.dumps({name: sorted(each) for name, each in times.items()}))
"""


def round_trips(rounds: int) -> dict[str, list[int]]:
    """Nanoseconds by link, shortest first."""
    program = json.dumps([sys.executable, "-c", _PINGPONG, ",".join(_LINKS), str(rounds)])
    never = "{drop: udp.dstport == 9, nth: 1}"
    text = f"""\
        name: stretches
        nodes:
          client: {{role: client}}
          server: {{role: server, services: [{{echo: udp/7}}]}}
        links:
          - client:plain -- server:plain
          - client:again -- server:again
          - {{ends: ["client:nft", "server:nft"], engine: nft, faults: {never}}}
          - {{ends: ["client:emulator", "server:emulator"], engine: emulator, impair: {{}}}}
        scenario:
          - {{node: client, exec: {program}, as: asked, within: 2m}}
        """
    with tempfile.TemporaryDirectory() as folder:
        outcome = run_lab(dedent(text), Path(folder), os.environ)
        assert outcome.exit_code == 0, str(outcome)
        events = (outcome.folder / "events.jsonl").read_text().splitlines()
    (program_event,) = (e for e in map(json.loads, events) if e["kind"] == "program")
    times: dict[str, list[int]] = json.loads(program_event["output"])
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=700)
    times = round_trips(parser.parse_args().rounds)
    plain = times["plain"][len(times["plain"]) // 2]
    print("link        median     90 %   beside the plain link (there and back)")
    for name in _LINKS:
        median, ninety = (times[name][len(times[name]) * part // 10] for part in (5, 9))
        added = (median - plain) / 1000
        print(
            f"{name:<9} {median / 1000:6.1f} µs {ninety / 1000:6.1f} µs   {added:+6.1f} µs, "
            f"{median / plain:.2f} times"
        )


if __name__ == "__main__":
    main()
