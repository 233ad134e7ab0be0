"""How fast a run's capture is decoded and analysed, beside decoding every frame by itself."""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from netlab import folder
from netlab.analyse import analyse
from netlab.analyse.sightings import sightings
from netlab.collect import events as event_lines
from netlab.folder import RunFolder
from netlab.topology.loading import load_text
from netlab.wire import pcapng
from netlab.wire.packet import decode

_Result = TypeVar("_Result")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="the folder of a run with a large capture")
    run = RunFolder(parser.parse_args().run)
    facts = run.read_facts()
    plan = load_text((run / folder.TOPOLOGY).read_text(), facts.source, seed=facts.seed)
    with (run / folder.EVENTS).open() as lines:
        events = tuple(event_lines.read(lines))
    with (run / folder.CAPTURE).open("rb") as stream:
        blocks = list(pcapng.read(stream))
    frames = [block for block in blocks if isinstance(block, pcapng.Frame)]
    alone = timed("decoded one by one", len(frames), lambda: [decode(f.data) for f in frames])
    joined = timed("decoded as sightings", len(frames), lambda: sightings(blocks, 0))
    whole = timed("analysed", len(frames), lambda: analyse(plan, events, blocks))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"sightings take {joined / alone:.2f} times one by one, the analysis {whole / alone:.2f}")
    print(f"{memory} MiB at most")


def timed(what: str, frames: int, work: Callable[[], _Result]) -> float:
    """Seconds of processor time."""
    began = time.process_time()
    work()
    took = time.process_time() - began
    print(f"{frames} frames {what} in {took:.2f} s: {frames / took:,.0f} a second")
    return took


if __name__ == "__main__":
    main()
