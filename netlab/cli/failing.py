"""How commands fail: in words on standard error, with an exit code that means something."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import asdict
from typing import Any

import click

from netlab import processes
from netlab.cli import output
from netlab.cli.options import JSON_ASKED
from netlab.errors import NetlabError, TopologyError

#: What a shell reports of a program that SIGINT ended.
_INTERRUPTED = 130

#: What Python says where a user's processes, which threads count as, are used up.
_NO_THREAD = "can't start new thread"


class Failing(click.Group):
    """A group whose commands may raise NetlabError."""

    @staticmethod
    def of(kind: type[click.Group]) -> type[click.Group]:
        return type("Failing", (Failing, kind), {})

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NetlabError as error:
            click.echo(in_words(error), err=True)
            if ctx.meta.get(JSON_ASKED):
                output.print_json(as_data(error))
            sys.exit(error.exit_code)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo("netlab: interrupted", err=True)
            sys.exit(_INTERRUPTED)
        except BrokenPipeError:
            # The reader of our output has gone, as in `netlab plan | head`.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except Exception as error:  # noqa: BLE001 - every other exception is a bug in netlab: say so
            if _NO_THREAD in str(error):
                lacking = processes.none_left()
                click.echo(in_words(lacking), err=True)
                sys.exit(lacking.exit_code)
            traceback.print_exc()
            click.echo("netlab: this is a bug in netlab; please report what stands above", err=True)
            sys.exit(NetlabError.exit_code)


def as_data(error: NetlabError) -> dict[str, Any]:
    """What went wrong, for programs: the words are on standard error all the same."""
    problems = error.problems if isinstance(error, TopologyError) else ()
    return {
        "exit_code": error.exit_code,
        "error": error.message,
        "where": error.where,
        "hint": error.hint,
        "problems": [asdict(each) for each in problems],
    }


def in_words(error: NetlabError) -> str:
    """All problems of a file a line each; other errors as one sentence with the fix below."""
    if isinstance(error, TopologyError):
        return str(error)
    place = f"{error.where}: " if error.where else ""
    advice = f"\n  fix: {error.hint}" if error.hint else ""
    return f"netlab: {place}{error.message}{advice}"
