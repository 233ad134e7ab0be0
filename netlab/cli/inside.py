"""`netlab exec` and `netlab shell`."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import click

from netlab import keeper
from netlab.backends.netns import inside
from netlab.cli import nodes, options, output
from netlab.errors import UsageError


@click.command("exec", context_settings={"ignore_unknown_options": True})
@click.argument("node")
@click.argument("program", nargs=-1, required=True, type=click.UNPROCESSED)
@options.lab
@options.as_json
def exec_(node: str, program: tuple[str, ...], lab: str | None, *, as_json: bool) -> None:
    """Run a program in a node of a running lab.

    The program is any of this machine's; it sees the node's network, name and processes. Its
    exit code becomes netlab's.
    """
    first_pid, found = _find(lab, node)
    if as_json:
        _exec_as_json(node, program, lab)
    sys.exit(inside.run(first_pid, found["pid"], program, found["env"]))


@click.command("shell")
@click.argument("node")
@options.lab
@options.as_json
def shell_(node: str, lab: str | None, *, as_json: bool) -> None:
    """Open a shell in a node of a running lab; $SHELL, or /bin/sh."""
    first_pid, found = _find(lab, node)
    shell = [os.environ.get("SHELL") or "/bin/sh"]
    code = inside.run(first_pid, found["pid"], shell, found["env"])
    if as_json:
        output.print_json({"node": node, "exit_code": code})
    sys.exit(code)


def _find(lab: str | None, node: str) -> tuple[int, dict[str, Any]]:
    """The lab's first process, and what the lab's status says of the node."""
    status = keeper.ask(keeper.find(lab), "status")
    found = nodes.find(status, node)
    if found["status"] == "crashed":
        raise UsageError("it has crashed", where=node, hint=f"netlab node {node} restart")
    return status["first_pid"], found


def _exec_as_json(node: str, program: tuple[str, ...], lab: str | None) -> None:
    """Once more without --json, in a process of its own, whose output can be kept."""
    words = [sys.executable, "-m", "netlab", "exec", *(["--lab", lab] if lab else []), node, "--"]
    done = subprocess.run([*words, *program], capture_output=True, text=True, check=False)
    output.print_json(
        {
            "node": node,
            "argv": list(program),
            "exit_code": done.returncode,
            "stdout": done.stdout,
            "stderr": done.stderr,
        }
    )
    sys.exit(done.returncode)
