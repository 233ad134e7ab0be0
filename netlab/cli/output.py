"""What commands print: plain lines for logs, a moving line on a terminal, JSON when asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from netlab.runs import Done
    from netlab.scenario.verdict import Judgement

_PHASES = {
    "load": "reading the file",
    "up": "building the lab",
    "play": "playing the scenario",
    "collect": "collecting",
    "report": "writing the report",
}


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Shows which phase a run is in, on a terminal only: a log needs no moving line."""
    if quiet or not sys.stderr.isatty():
        yield lambda _phase: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow to load, and for terminals only

    with Console(stderr=True).status("") as status:
        yield lambda phase: status.update(_PHASES[phase])


def print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=1, ensure_ascii=False, default=str))


def summary(done: Done) -> dict[str, Any]:
    """A run in short: `netlab run --json`."""
    verdict = done.run.verdict
    return {
        "lab": done.run.plan.name,
        "passed": done.exit_code == 0,
        "exit_code": done.exit_code,
        "expectations": [
            {
                "text": each.text,
                "where": each.where,
                "passed": each.passed,
                "expected": each.expected,
                "seen": each.seen,
            }
            for each in verdict.judgements
        ],
        "failures": list(verdict.failures),
        "interrupted": verdict.interrupted,
        "error": str(done.broken) if done.broken else None,
        "seed": done.run.plan.seed,
        "folder": str(done.folder),
        "seconds": done.seconds,
    }


def print_done(done: Done, *, with_ladder: bool) -> None:
    if with_ladder:
        _print_ladder(done)
    verdict = done.run.verdict
    for notice in done.run.notices:
        click.echo(f"note: {notice}")
    for judgement in verdict.judgements:
        _print_judgement(judgement)
    for failure in verdict.failures:
        click.echo(f"{click.style('FAIL', fg='red')}  {failure}")
    if done.broken:
        click.echo(f"netlab: {done.broken}", err=True)
    click.echo(_last_line(done))
    click.echo(f"report: {done.folder / 'report.html'}")
    click.echo(f"again:  {done.run.command}")


def _print_ladder(done: Done) -> None:
    from netlab.report.textladder import ladder  # noqa: PLC0415 - the report is loaded by now

    if done.run.analysis.connections:
        click.echo(ladder(done.run.analysis.connections[0]))


def _print_judgement(judgement: Judgement) -> None:
    if judgement.passed:
        click.echo(f"{click.style('PASS', fg='green')}  {judgement.text}")
        return
    click.echo(f"{click.style('FAIL', fg='red', bold=True)}  {judgement.text}")
    click.echo(f"      where:    {judgement.where}")
    for label, text in (("expected", judgement.expected), ("seen", judgement.seen)):
        first, *rest = text.splitlines() or [""]
        click.echo(f"      {label + ':':<9} {first}")
        for line in rest:
            click.echo(f"                {line}")


_COLOURS = {"passed": "green", "failed": "red", "interrupted": "yellow"}


def _last_line(done: Done) -> str:
    from netlab.report import wording  # noqa: PLC0415 - the report is loaded by now

    verdict = click.style(wording.headline(done.run), fg=_COLOURS[wording.outcome(done.run)])
    phases = ", ".join(f"{name} {seconds:.2f}" for name, seconds in done.seconds.items())
    return f"{verdict} in {sum(done.seconds.values()):.2f} s ({phases})"
