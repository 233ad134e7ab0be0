"""Containers of runs that are dead: how they are told from those of runs that live, anywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netlab.backends.docker.containers import LABEL
from netlab.backends.docker.owner import Owner, lives

if TYPE_CHECKING:
    from netlab.backends.docker.engine import Engine

#: Seconds that a run may have no fabric container that runs: while it comes up and goes down.
_WITHOUT_FABRIC = 60.0

_RUNS = frozenset({"running", "paused", "restarting"})


@dataclass(frozen=True, slots=True)
class DeadRun:
    """``number`` is the run's; ``containers`` are the names of what is left of it."""

    lab: str
    number: str
    containers: tuple[str, ...]


def remove(engine: Engine, *, of_others: bool = True) -> list[DeadRun]:
    """Remove what is left of dead runs, and say what it was.

    Without ``of_others``, of those only that this machine's processes are known to have left.
    """
    listed = engine.all_of_netlab()
    if not listed:
        return []
    now = engine.now() if of_others else None
    found = dead(listed, Owner.this_process(), lives, now)
    for run in found:
        engine.remove_run(run.number)
    return found


def dead(
    listed: Iterable[Mapping[str, Any]],
    here: Owner,
    lives: Callable[[Owner], bool],
    now: float | None,
) -> list[DeadRun]:
    """The dead ones among the runs whose containers the engine lists.

    ``here`` is a process of this machine, ``lives`` says of owners of its boot whether they still
    run. ``now`` is the engine's time, in seconds since 1970; without it no run is judged by what
    its containers are like.
    """
    runs = defaultdict(list)
    for each in listed:
        runs[each["Labels"][f"{LABEL}.run"]].append(each)
    return [
        DeadRun(
            some[0]["Labels"].get(f"{LABEL}.lab", ""),
            number,
            tuple(sorted(name.lstrip("/") for each in some for name in each["Names"][:1])),
        )
        for number, some in sorted(runs.items())
        if _is_orphan(some, here, lives) or (now is not None and _is_adrift(some, now))
    ]


def _is_orphan(run: list[Mapping[str, Any]], here: Owner, lives: Callable[[Owner], bool]) -> bool:
    """Whether its orchestrator was one of this machine and is no more."""
    owner = Owner.parse(run[0]["Labels"].get(f"{LABEL}.owner", ""))
    if owner is None or owner.machine != here.machine:
        return False
    return owner.boot != here.boot or not lives(owner)


def _is_adrift(run: list[Mapping[str, Any]], now: float) -> bool:
    """Whether it has no fabric that runs, though it is neither coming up nor going down.

    The fabric ends with its orchestrator, wherever that was.
    """
    has_fabric = any(
        f"{LABEL}.node" not in each["Labels"] and each["State"] in _RUNS for each in run
    )
    return not has_fabric and now - max(each["Created"] for each in run) > _WITHOUT_FABRIC
