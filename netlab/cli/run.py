"""`netlab run` and `netlab demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from netlab import shipped
from netlab.cli import options, output
from netlab.loader import Loader
from netlab.topology.stacks import Stack


@click.command("run")
@click.argument("file", metavar="FILE")
@options.out
@options.seed
@options.backend
@options.stack
@options.as_json
def run_(
    file: str,
    out: Path | None,
    seed: int | None,
    backend: str | None,
    stack: Stack | None,
    *,
    as_json: bool,
) -> None:
    """Run a lab from a topology file to its report.

    FILE is a topology file, or the name of a shipped lab such as tcp/observed. Captures, events
    and reports go to netlab-out/NAME, or to --out DIR.
    """
    _perform(file, out, seed, backend, stack, as_json=as_json, with_ladder=False)


@click.command("demo")
@options.out
@options.backend
@options.stack
@options.as_json
def demo_(out: Path | None, backend: str | None, stack: Stack | None, *, as_json: bool) -> None:
    """Run the lab of UNP figure 2-5 and show its ladder: open, one request, one reply, close."""
    _perform("tcp/observed", out, None, backend, stack, as_json=as_json, with_ladder=True)


def _perform(
    file: str,
    out: Path | None,
    seed: int | None,
    backend: str | None,
    stack: Stack | None,
    *,
    as_json: bool,
    with_ladder: bool,
) -> None:
    topology = shipped.find(file)
    loader = Loader(topology, seed, stack, backend)
    from netlab import runs  # noqa: PLC0415 - loads while the loader reads

    with output.progress(quiet=as_json) as progress:
        done = runs.run_file(
            topology, out=out, read=loader.plan, progress=progress, backend=backend
        )
    if as_json:
        output.print_json(output.summary(done))
    else:
        output.print_done(done, with_ladder=with_ladder)
    sys.exit(done.exit_code)
