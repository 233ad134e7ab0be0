"""Options that several commands take. Most are also read from the environment."""

from __future__ import annotations

from pathlib import Path

import click

from netlab.topology.equipment import BACKENDS
from netlab.topology.stacks import Stack

#: Where errors look whether JSON was asked for: click's contexts share what is there.
JSON_ASKED = "netlab.json"


def _note(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    context.meta[JSON_ASKED] = value
    return value


as_json = click.option(
    "--json",
    "as_json",
    is_flag=True,
    callback=_note,
    help="Print one JSON object instead of text.",
)

out = click.option(
    "--out",
    type=click.Path(path_type=Path),
    envvar="NETLAB_OUT",
    metavar="DIR",
    help="The folder for the run's files.  [default: netlab-out/NAME]",
)

seed = click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    envvar="NETLAB_SEED",
    help="Use this seed instead of the file's.",
)

backend = click.option(
    "--backend",
    type=click.Choice(BACKENDS),
    envvar="NETLAB_BACKEND",
    help="What nodes are: namespaces, containers, or hosts in virtual time."
    "  [default: the file's, else netns]",
)


def _stack(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Stack | None:
    return Stack(value) if value else None


stack = click.option(
    "--stack",
    type=click.Choice([each.value for each in Stack]),
    envvar="NETLAB_STACK",
    callback=_stack,
    help="Whose TCP/IP all nodes speak: the kernel's or netlab's own.  [default: as the file says]",
)

lab = click.option(
    "--lab",
    envvar="NETLAB_LAB",
    metavar="NAME",
    help="The running lab.  [default: the only one there is]",
)
