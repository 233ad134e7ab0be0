"""`netlab node` and `netlab logs`: nodes and programs of a running lab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from netlab import keeper
from netlab.cli import options, output
from netlab.errors import UsageError
from netlab.words import did_you_mean

_WHAT = ("freeze", "thaw", "crash", "restart")


@click.command("node")
@click.argument("node")
@click.argument("what", type=click.Choice(_WHAT))
@options.lab
@options.as_json
def node_(node: str, what: str, lab: str | None, *, as_json: bool) -> None:
    """Freeze, thaw, crash or restart a node of a running lab.

    A frozen node's processes stop, its kernel goes on. A crashed one lost its power: no FIN and no
    RST leaves it. A restarted one has its links and addresses, and its services start anew.
    """
    found = keeper.find(lab)
    status = keeper.ask(found, "status")
    find(status, node)
    answer = keeper.ask(found, "node", node=node, what=what)
    if "error" in answer:
        raise UsageError(answer["error"], where=node, hint=answer["hint"])
    if as_json:
        output.print_json({"lab": status["lab"], "node": node, "status": answer["status"]})
    else:
        click.echo(f"{node} {_SAID[answer['status']]}")


_SAID = {"frozen": "is frozen", "crashed": "has crashed", "running": "runs"}


def find(status: dict[str, Any], node: str) -> dict[str, Any]:
    """What a lab's status says of a node; UsageError when it has none such."""
    nodes: dict[str, dict[str, Any]] = status["nodes"]
    if node not in nodes:
        hint = did_you_mean(node, nodes) or f"it has {', '.join(nodes)}"
        raise UsageError(f"lab {status['lab']} has no node {node}", hint=hint)
    return nodes[node]


@click.command("logs")
@click.argument("which", metavar="[NODE[/PROGRAM]]", required=False)
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="The folder of a run.  [default: that of the running lab]",
)
@options.lab
@options.as_json
def logs_(which: str | None, folder: Path | None, lab: str | None, *, as_json: bool) -> None:
    """Print what programs of a lab have printed: those of services and of background programs."""
    from netlab import logs  # noqa: PLC0415 - for this command only

    run = folder or Path(keeper.ask(keeper.find(lab), "status")["folder"])
    found = list(logs.find(run, which))
    texts = {name: path.read_text(errors="replace") for name, path in found}
    if as_json:
        output.print_json(texts)
        return
    for name, text in texts.items():
        for line in text.splitlines():
            click.echo(line if len(texts) == 1 else f"{name}: {line}")
