"""A run as its report sees it: from a lab that has just ended, or from the folder it left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from netlab import folder
from netlab.analyse import analyse
from netlab.analyse.model import Analysis
from netlab.collect import events as event_lines
from netlab.collect.events import Event
from netlab.errors import UsageError
from netlab.folder import RunFacts, RunFolder
from netlab.report.run import HostFacts, Run
from netlab.scenario.judge import judge
from netlab.topology.loading import load_text
from netlab.topology.plan import Plan
from netlab.topology.sources import Forgotten
from netlab.wire import pcapng
from netlab.wire.errors import ParseError


def read(run_folder: RunFolder) -> Run:
    """The run that ``run_folder`` holds; UsageError when a file of it cannot be read."""
    try:
        facts = run_folder.read_facts()
        text = (run_folder / folder.TOPOLOGY).read_text(encoding="utf-8")
        plan = load_text(
            text,
            facts.source,
            seed=facts.seed,
            stack=facts.stack,
            backend=facts.backend,
            sources=Forgotten(),
        )
        if not facts.scenario:
            plan = plan.without_scenario()
        with (run_folder / folder.EVENTS).open(encoding="utf-8") as lines:
            events = tuple(event_lines.read(lines))
        analysis = analyse(plan, events, _blocks(run_folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{run_folder.path} cannot be read as a run: {error}") from error
    return describe(run_folder, facts, plan, events, analysis)


def _blocks(run_folder: RunFolder) -> Iterator[pcapng.Block]:
    path = run_folder / folder.CAPTURE
    if not path.is_file():
        return
    with path.open("rb") as stream:
        try:
            yield from pcapng.read(stream)
        except ParseError as error:
            raise ValueError(f"{path.name}: {error}") from error


def describe(
    run_folder: RunFolder,
    facts: RunFacts,
    plan: Plan,
    events: tuple[Event, ...],
    analysis: Analysis,
) -> Run:
    return Run(
        plan=plan,
        events=events,
        analysis=analysis,
        verdict=judge(plan, events, analysis),
        command=facts.command,
        netlab_version=facts.netlab,
        backend=facts.backend,
        started=datetime.fromisoformat(facts.started),
        files=run_folder.present(),
        host=HostFacts(facts.kernel, facts.features),
    )
