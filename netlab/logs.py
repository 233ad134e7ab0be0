"""What programs of a lab print, a file each: ``logs/NODE.NAME.log`` in the run's folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from netlab.errors import UsageError
from netlab.folder import LOGS
from netlab.words import did_you_mean

_SUFFIX = ".log"
_LEFT_OUT = "\n(netlab: more was printed; it is not kept)\n"


class Logs:
    """Writes what `output` messages of nodes say, as it comes."""

    def __init__(self, run: Path) -> None:
        self._folder = run / LOGS

    def write(self, message: dict[str, Any]) -> None:
        """Append to the log of a node's program."""
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{message['node']}.{message['name']}{_SUFFIX}"
        with path.open("a", encoding="utf-8") as log:
            log.write(message["text"] + (_LEFT_OUT if message["truncated"] else ""))


def logs(run: Path) -> dict[str, Path]:
    """The logs of a run's folder by ``NODE/NAME``."""
    return {
        "/".join(path.name.removesuffix(_SUFFIX).split(".", 1)): path
        for path in sorted((run / LOGS).glob(f"*{_SUFFIX}"))
    }


def find(run: Path, wanted: str | None) -> Iterator[tuple[str, Path]]:
    """All logs, those of one node, or one; UsageError when there is none such."""
    known = logs(run)
    found = [
        (name, path)
        for name, path in known.items()
        if wanted in {None, name, name.partition("/")[0]}
    ]
    if not found:
        nodes = {name.partition("/")[0] for name in known}
        near = did_you_mean(wanted or "", {*known, *nodes})
        whose = f" of {wanted}" if wanted else ""
        there = f"there are {', '.join(known)}" if known else "no program of the lab has printed"
        raise UsageError(f"there is no log{whose} in {run}", hint=near or there)
    yield from found
