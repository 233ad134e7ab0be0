"""`netlab plan`, `netlab validate` and `netlab schema`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

import click

from netlab import shipped
from netlab.cli import options, output
from netlab.errors import TopologyError, UsageError
from netlab.topology.stacks import Stack


@click.command("plan")
@click.argument("file", metavar="FILE")
@options.seed
@options.stack
@options.as_json
def plan_(file: str, seed: int | None, stack: Stack | None, *, as_json: bool) -> None:
    """Print a lab fully resolved, with the commands that build it.

    FILE is a topology file, or the name of a shipped lab such as tcp/observed.
    """
    from netlab.cli import plan_text  # noqa: PLC0415 - pydantic loads for this command only
    from netlab.topology.loading import load  # noqa: PLC0415 - pydantic loads for this command only

    plan = load(shipped.find(file), seed=seed, stack=stack)
    if as_json:
        output.print_json({"plan": plan.to_json(), "commands": list(plan_text.commands(plan))})
        return
    for line in plan_text.text(plan):
        click.echo(line)


@click.command("validate")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@options.as_json
def validate_(files: tuple[str, ...], *, as_json: bool) -> None:
    """Check topology files; say everything that is wrong.

    Prints a line for every problem, as FILE:LINE:COLUMN, and ok for a file without any. Exit
    code 2 when there is a problem.
    """
    results = {file: _problems(file) for file in files}
    if as_json:
        output.print_json(results)
    else:
        for file, problems in results.items():
            for problem in problems:
                click.echo(problem["text"], err=True)
            if not problems:
                click.echo(f"{file}: ok")
    if any(results.values()):
        sys.exit(UsageError.exit_code)


def _problems(file: str) -> list[dict[str, Any]]:
    from netlab.topology.loading import load  # noqa: PLC0415 - pydantic loads for this command only

    try:
        load(shipped.find(file))
    except TopologyError as error:
        return [{"text": str(problem), **asdict(problem)} for problem in error.problems]
    except UsageError as error:
        return [{"text": f"{file}: {error}", "file": file, "message": str(error)}]
    return []


@click.command("schema")
@options.as_json
def schema_(*, as_json: bool) -> None:
    """Print the JSON Schema of topology files, for editors."""
    del as_json  # it is JSON either way
    from netlab.topology.schema import json_schema  # noqa: PLC0415 - pydantic loads for this command only

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
