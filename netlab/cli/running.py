"""`netlab up`, `netlab down` and `netlab status`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import click

from netlab import keeper, processes, runs, shipped
from netlab.backends import choice
from netlab.cli import options, output
from netlab.errors import NetlabError, UsageError
from netlab.loader import Loader
from netlab.topology.stacks import Stack


@click.command("up")
@click.argument("file", metavar="FILE")
@options.out
@options.seed
@click.option("--no-capture", is_flag=True, help="Do not capture packets.")
@options.backend
@options.stack
@options.as_json
def up_(
    file: str,
    out: Path | None,
    seed: int | None,
    backend: str | None,
    stack: Stack | None,
    *,
    no_capture: bool,
    as_json: bool,
) -> None:
    """Build a lab and leave it running, for exec, shell and status; `netlab down` ends it.

    Services run; the scenario is not played.
    """
    topology = shipped.find(file)
    ready_read, ready_write = os.pipe()
    keeping = processes.fork()
    if keeping == 0:
        os.close(ready_read)
        wanted = _Wanted(topology, out, seed, backend, stack, capture=not no_capture)
        _keep(wanted, ready_write, quiet=as_json)
    os.close(ready_write)
    name = _name_once_up(keeping, ready_read)
    if not name:
        _, ending = os.waitpid(keeping, 0)
        sys.exit(os.waitstatus_to_exitcode(ending))
    status = keeper.ask(keeper.find(name), "status")
    if as_json:
        output.print_json(status)
    else:
        _print_lab(status)
        click.echo(f"a shell in it: netlab shell {next(iter(status['nodes']), 'NODE')}")
        click.echo(f"take it down:  netlab down {name}")


def _name_once_up(keeping: int, ready: int) -> str:
    """The lab's name once it is up; nothing when it does not come up."""
    try:
        with os.fdopen(ready) as pipe:
            return pipe.read()
    except KeyboardInterrupt:
        os.kill(keeping, signal.SIGTERM)
        os.waitpid(keeping, 0)
        raise


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to come up."""

    topology: Path
    out: Path | None
    seed: int | None
    backend: str | None
    stack: Stack | None
    capture: bool


def _keep(wanted: _Wanted, ready: int, *, quiet: bool) -> NoReturn:
    """Be the process that keeps the lab. Errors before the lab is up show on this terminal."""
    os.setsid()
    loader = Loader(wanted.topology, wanted.seed, wanted.stack, wanted.backend)
    with choice.warm(wanted.backend) as chosen, output.progress(quiet=quiet) as progress:
        progress("load")
        plan = loader.plan().without_scenario()
        backend = chosen.for_plan(plan)
        if backend.is_virtual:
            raise UsageError(
                f"a lab on {backend.name} cannot be left running: its time passes as it is played",
                hint=f"netlab run {wanted.topology}, or another --backend",
            )
        with keeper.listener(plan.name) as listener:
            run_folder, facts = runs.prepare(
                plan, wanted.topology, out=wanted.out, backend=backend, scenario=False
            )
            from netlab.lab import Lab  # noqa: PLC0415 - loads while the backend warms up

            progress("up")
            lab = Lab(plan, backend, run_folder, facts)

            def say_ready() -> None:
                leave_terminal()
                os.write(ready, plan.name.encode())
                os.close(ready)

            asyncio.run(keeper.keep(lab, listener, say_ready, capture=wanted.capture))
    sys.exit(0)


def leave_terminal() -> None:
    """Standard streams lead nowhere from here on."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    os.close(nowhere)


@click.command("down")
@click.argument("lab", required=False)
@click.option("--all", "everything", is_flag=True, help="Take all your labs down.")
@options.as_json
def down_(lab: str | None, *, everything: bool, as_json: bool) -> None:
    """Take a running lab down and write its report. LAB may be left out when there is only one."""
    labs = keeper.running() if everything else [keeper.find(lab)]
    answers = [{"lab": name, **keeper.ask((user, name), "down")} for user, name in labs]
    if as_json:
        output.print_json(answers)
        return
    for answer in answers:
        click.echo(f"{answer['lab']} is down; report: {answer['folder']}/report.html")


@click.command("status")
@options.as_json
def status_(*, as_json: bool) -> None:
    """List the labs that are running, with their nodes and addresses."""
    labs = []
    for lab in keeper.running():
        try:
            labs.append(keeper.ask(lab, "status"))
        except NetlabError:
            continue  # it has ended since the kernel listed it
    if as_json:
        output.print_json(labs)
        return
    if not labs:
        click.echo("no lab is running")
    for status in labs:
        _print_lab(status)


def _print_lab(status: dict[str, Any]) -> None:
    click.echo(f"{status['lab']}: up since {status['started']} ({status['source']})")
    width = max((len(name) for name in status["nodes"]), default=0)
    for name, node in status["nodes"].items():
        state = "" if node["status"] == "running" else f" ({node['status']})"
        click.echo(f"  {name:<{width}}  {node['role']:<7} {' '.join(node['addresses'])}{state}")
