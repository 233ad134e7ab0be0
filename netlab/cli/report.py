"""`netlab report`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from netlab.cli import options, output
from netlab.errors import UsageError


@click.command("report")
@click.argument(
    "directory", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@options.as_json
def report_(directory: Path, *, as_json: bool) -> None:
    """Make the reports of a run's folder again, and judge the run again.

    DIR is what `netlab run FILE --out DIR` has left; only its topology, events and capture are
    read. Exit code 0 when all expectations are met, else 1.
    """
    from netlab import record, report  # noqa: PLC0415 - for this command only
    from netlab.folder import RunFolder  # noqa: PLC0415 - slow to load
    from netlab.report import wording  # noqa: PLC0415 - slow to load

    run = record.read(RunFolder.existing(directory))
    try:
        report.write(directory, run)
    except OSError as error:
        raise UsageError(
            f"cannot write to {directory}: {error.strerror}", hint="copy it to where you may write"
        ) from error
    if as_json:
        output.print_json(
            {
                "lab": run.plan.name,
                "passed": run.verdict.passed,
                "headline": wording.headline(run),
                "folder": str(directory),
                "reports": [str(directory / name) for name in report.FILES],
            }
        )
    else:
        click.echo(wording.headline(run))
        click.echo(f"report: {directory / 'report.html'}")
    sys.exit(0 if run.verdict.passed else 1)
