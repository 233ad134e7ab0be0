"""A whole run: from a topology file to a folder with its report."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import platform
import shlex
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from netlab import __version__, folder
from netlab.backends import choice
from netlab.errors import NetlabError
from netlab.folder import FolderInUse, RunFacts, RunFolder

if TYPE_CHECKING:
    from netlab.backends.protocol import Backend
    from netlab.lab import Lab
    from netlab.report.run import Run
    from netlab.topology.plan import Plan
    from netlab.topology.stacks import Stack

#: Where runs go when nobody says where.
OUTPUT = Path("netlab-out")

#: What a shell reports of a program that a signal ended: 128 and the signal's number.
_SIGNALLED = 128


@dataclass(frozen=True, slots=True)
class Done:
    """A run that is over.

    ``broken`` is what broke the lab, ``signal`` the number of the signal that ended it early;
    ``seconds`` are what its phases took.
    """

    run: Run
    folder: Path
    broken: NetlabError | None
    signal: int | None
    seconds: dict[str, float]

    @property
    def exit_code(self) -> int:
        if self.signal is not None:
            return _SIGNALLED + self.signal
        if self.broken is not None:
            return self.broken.exit_code
        return 0 if self.run.verdict.passed else 1


class Phases:
    """Passes on which phase begins, and keeps how long each took."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._began = time.monotonic()
        self._current: str | None = None
        self.seconds: dict[str, float] = {}

    def begin(self, phase: str | None) -> None:
        now = time.monotonic()
        if self._current is not None:
            self.seconds[self._current] = round(now - self._began, 3)
        self._began, self._current = now, phase
        if phase is not None:
            self._progress(phase)


def run_file(
    file: Path,
    *,
    out: Path | None,
    read: Callable[[], Plan],
    progress: Callable[[str], None],
    backend: str | None = None,
) -> Done:
    """Run the lab of ``file`` and write its folder; a NetlabError when there is nothing to write.

    ``read`` gives the file's Plan: `loading.load`, or a Loader that has begun already. ``backend``
    is the name of one; the file's, when not given. Interrupted before the lab is up, it raises
    KeyboardInterrupt.
    """
    phases = Phases(progress)
    phases.begin("load")
    with choice.warm(backend) as chosen:
        from netlab import lab as lab_module  # noqa: PLC0415 - loads while the backend warms up

        plan = read()
        made = chosen.for_plan(plan)
        run_folder, facts = prepare(plan, file, out=out, backend=made)
        reports: list[Run] = []
        try:
            with made.runner() as runner:
                lab = lab_module.Lab(plan, made, run_folder, facts)
                interruption = runner.run(
                    lab_module.run(
                        lab,
                        phases.begin,
                        as_it_plays=_load_report,
                        as_it_ends=lambda: reports.append(write_reports(lab)),
                    )
                )
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
    phases.begin(None)
    number = int(interruption.signal) if interruption.signal is not None else None
    return Done(reports[0], run_folder.path, lab.broken, number, phases.seconds)


def prepare(
    plan: Plan, file: Path, *, out: Path | None, backend: Backend, scenario: bool = True
) -> tuple[RunFolder, RunFacts]:
    """Make the folder of a run, with the file that it is made from."""
    text = file.read_bytes()  # first: it may be in the folder of the run that this one replaces
    run_folder = RunFolder.create(out) if out else _own_folder(plan.name)
    facts = RunFacts(
        netlab=__version__,
        command=command(
            "run" if scenario else "up",
            file,
            out,
            plan.seed,
            backend=_said(backend, plan),
            stack=plan.stack,
        ),
        backend=backend.name,
        seed=plan.seed,
        source=plan.source,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        kernel="" if backend.is_virtual else platform.release(),
        stack=plan.stack,
        scenario=scenario,
    )
    run_folder.write_facts(facts)  # first: it marks the folder as a run's
    run_folder.write_bytes(folder.TOPOLOGY, text)
    return run_folder, facts


def _own_folder(name: str) -> RunFolder:
    """The folder of a run that was given none; runs at the same time get one each."""
    for number in itertools.count(1):
        with suppress(FolderInUse):
            return RunFolder.create(OUTPUT / (name if number == 1 else f"{name}-{number}"))
    raise AssertionError("there is always a next number")


def _said(backend: Backend, plan: Plan) -> str | None:
    """The backend as a command has to name it; None where the file alone comes to it."""
    return None if backend.name == (plan.backend or choice.DEFAULT) else backend.name


def command(
    verb: str,
    file: Path,
    out: Path | None,
    seed: int,
    *,
    backend: str | None = None,
    stack: Stack | None = None,
) -> str:
    """What to type to do the same once more."""
    words = ["netlab", verb, str(file), "--seed", str(seed)]
    if backend is not None:
        words += ["--backend", backend]
    if stack is not None:
        words += ["--stack", stack]
    if out is not None:
        words += ["--out", str(out)]
    return shlex.join(words)


def write_reports(lab: Lab) -> Run:
    from netlab import record, report  # noqa: PLC0415 - loaded while the scenario played

    described = record.describe(
        lab.folder, lab.facts, lab.plan, tuple(lab.log.events), lab.analysis()
    )
    try:
        report.write(lab.folder.path, described)
    except OSError as error:
        raise lab.broken or folder.cannot_write(lab.folder.path, error) from error
    return described


def _load_report() -> None:
    importlib.import_module("netlab.record")
    importlib.import_module("netlab.report.html")
