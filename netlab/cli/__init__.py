"""The command line. Commands load what they need when they run, so that help is instant."""

from __future__ import annotations

import atexit
import gc
import sys
from importlib import import_module
from typing import Any

import click

from netlab import __version__
from netlab.cli.failing import Failing
from netlab.words import did_you_mean

#: command -> (module, what `netlab --help` says of it)
_COMMANDS = {
    "demo": ("run", "Run the lab of UNP figure 2-5 and show its ladder."),
    "run": ("run", "Run a lab from a topology file to its report."),
    "up": ("running", "Build a lab and leave it running."),
    "down": ("running", "Take a running lab down and write its report."),
    "status": ("running", "List the labs that are running."),
    "exec": ("inside", "Run a program in a node of a running lab."),
    "logs": ("nodes", "Print what the programs of a lab have printed."),
    "node": ("nodes", "Freeze, thaw, crash or restart a node of a running lab."),
    "shell": ("inside", "Open a shell in a node of a running lab."),
    "link": ("link", "Take a link of a running lab down or up, or impair it."),
    "plan": ("files", "Print a lab fully resolved, with the commands that build it."),
    "validate": ("files", "Check topology files; say everything that is wrong."),
    "schema": ("files", "Print the JSON Schema of topology files, for editors."),
    "report": ("report", "Make the reports of a run's folder again."),
    "doctor": ("machine", "Say what this machine has and lacks for labs, and how to get it."),
    "images": ("images", "Build and list the images of the docker backend."),
    "gc": ("machine", "Remove what killed runs have left behind."),
}


def entry() -> None:
    """The program `netlab`."""
    # What is loaded by the end need not be searched for garbage: exiting would take 0.1 s more.
    atexit.register(gc.freeze)
    # The report loads in a thread while the scenario plays: it may not hold up a step for long.
    sys.setswitchinterval(0.001)
    main(prog_name="netlab")


class _Lazy(click.Group):
    """Loads a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"netlab.cli.{module}"), f"{cmd_name}_")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], _COMMANDS)
            ctx.fail(f"there is no command '{args[0]}'{f' ({hint})' if hint else ''}")
        return super().resolve_command(ctx, args)


@click.command(cls=Failing.of(_Lazy), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="netlab")
def main() -> None:
    """Multi-host network labs from one YAML file.

    A lab's hosts are namespaces of this machine: no root, no daemon, no image. A run captures every
    packet and every TCP state, checks what the file expects, and writes a report that explains.

    Exit codes: 0 all expectations met, 1 an expectation failed, 2 the command or the file is
    wrong, 3 this machine lacks something, 4 something broke, 130 interrupted.
    """
