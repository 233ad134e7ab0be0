"""`netlab doctor` and `netlab gc`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from netlab.backends.features import Feature
from netlab.cli import options, output
from netlab.errors import EnvironmentLacks

if TYPE_CHECKING:
    from netlab.backends.docker.leftovers import DeadRun


@click.command("doctor")
@options.as_json
def doctor_(*, as_json: bool) -> None:
    """Say what this machine has and lacks for labs, and how to get it.

    Everything is tried in namespaces that end with the trial. Exit code 3 when something is
    missing that every lab needs.
    """
    from netlab import doctor  # noqa: PLC0415 - only this command looks at the whole machine

    features = doctor.examine()
    lacking = [each for each in features if each.required and not each.present]
    if as_json:
        output.print_json({"ready": not lacking, "features": [asdict(each) for each in features]})
    else:
        _print_features("Every lab needs", (each for each in features if each.required))
        _print_features("Of use to some", (each for each in features if not each.required))
        click.echo(_conclusion(lacking))
    if lacking:
        sys.exit(EnvironmentLacks.exit_code)


def _print_features(title: str, features: Iterable[Feature]) -> None:
    click.echo(f"{title}:")
    for feature in features:
        click.echo(f"  {_mark(feature)}  {feature.name:<18}  {feature.note}")
    click.echo()


def _mark(feature: Feature) -> str:
    if feature.present:
        return click.style("has  ", fg="green")
    return click.style("LACKS", fg="red", bold=True) if feature.required else "lacks"


def _conclusion(lacking: list[Feature]) -> str:
    if not lacking:
        return click.style("This machine runs labs.", fg="green")
    names = ", ".join(each.name for each in lacking)
    return (
        click.style(f"This machine runs no lab before it has: {names}.", fg="red")
        + "\nLabs in virtual time run all the same: netlab run FILE --backend sim"
    )


@click.command("gc")
@options.as_json
def gc_(*, as_json: bool) -> None:
    """Remove what killed runs have left behind.

    Namespaces, interfaces, mounts and processes need no removing: they end with their lab,
    however it ends. A kernel trace instance, which labs of root have, outlives a SIGKILL, and
    so may containers. Those of labs that live are left alone, whoever's they are.
    """
    removed, note = _remove_trace_instances()
    runs, engine_note = _remove_dead_runs()
    if as_json:
        described = [asdict(run) for run in runs]
        output.print_json(
            {"removed": removed, "note": note, "runs": described, "engine_note": engine_note}
        )
        return
    for name in removed:
        click.echo(f"removed the kernel trace instance {name}")
    for run in runs:
        click.echo(f"removed containers of lab {run.lab}: {', '.join(run.containers)}")
    for each in filter(None, (note, engine_note)):
        click.echo(each)
    click.echo("Namespaces, interfaces and processes of labs end with them: none can be left.")


def _remove_dead_runs() -> tuple[list[DeadRun], str]:
    """What was removed from the engine, and why nothing was when no engine answers."""
    from netlab.backends.docker import leftovers  # noqa: PLC0415 - for this command only
    from netlab.backends.docker.engine import Engine  # noqa: PLC0415 - likewise

    try:
        engine = Engine.connect()
    except EnvironmentLacks as error:
        return [], f"No containers were looked for: {error.message}."
    return leftovers.remove(engine), ""


def _remove_trace_instances() -> tuple[list[str], str]:
    """Their names, and what else is to be said."""
    if os.geteuid() != 0:
        return [], "Only labs of root leave anything when killed; to look: sudo netlab gc"
    from netlab import apart  # noqa: PLC0415 - for this command only
    from netlab.collect import tracer  # noqa: PLC0415 - for this command only

    try:
        removed = apart.call(lambda: tracer.remove_orphans(tracer.mount_tracefs()))
    except OSError as error:
        return [], f"This kernel lets nobody trace ({error.strerror}): there is nothing to remove."
    return removed, "" if removed else "Nothing was left behind."
