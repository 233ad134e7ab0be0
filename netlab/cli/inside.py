"""`netlab exec` and `netlab shell`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import click

from netlab import keeper
from netlab.cli import nodes, options, output
from netlab.errors import UsageError


@click.command("exec", context_settings={"ignore_unknown_options": True})
@click.argument("node")
@click.argument("program", nargs=-1, required=True, type=click.UNPROCESSED)
@options.lab
@options.as_json
def exec_(node: str, program: tuple[str, ...], lab: str | None, *, as_json: bool) -> None:
    """Run a program in a node of a running lab.

    The program is any of this machine's or, where nodes are containers, of the node's image; it
    sees the node's network, name and processes. Its exit code becomes netlab's.
    """
    inside = _find(lab, node)
    if as_json:
        _exec_as_json(node, program, lab)
    sys.exit(inside.run(program))


@click.command("shell")
@click.argument("node")
@options.lab
@options.as_json
def shell_(node: str, lab: str | None, *, as_json: bool) -> None:
    """Open a shell in a node of a running lab.

    It is $SHELL, or /bin/sh; in a container bash, or sh where it has none.
    """
    inside = _find(lab, node)
    code = inside.run(inside.shell)
    if as_json:
        output.print_json({"node": node, "exit_code": code})
    sys.exit(code)


class _Inside(Protocol):
    """A node, for programs to be run in."""

    @property
    def shell(self) -> Sequence[str]: ...

    def run(self, argv: Sequence[str]) -> int:
        """Run a program with this process's standard streams; its exit code."""
        ...


@dataclass(frozen=True, slots=True)
class _Namespaces:
    node: dict[str, Any]
    shell: Sequence[str] = (os.environ.get("SHELL") or "/bin/sh",)

    def run(self, argv: Sequence[str]) -> int:
        from netlab.backends.netns import inside  # noqa: PLC0415 - of one backend only

        return inside.run(**self.node["entry"], argv=argv, env=self.node["env"])


@dataclass(frozen=True, slots=True)
class _Container:
    name: str
    entry: dict[str, Any]
    shell: Sequence[str] = ("/bin/sh", "-c", "exec $(command -v bash || echo sh)")

    def run(self, argv: Sequence[str]) -> int:
        from netlab.backends.docker import connecting, inside  # noqa: PLC0415 - likewise

        connecting.use(self.entry["engine"])
        return inside.run(self.entry["container"], self.name, argv)


def _find(lab: str | None, node: str) -> _Inside:
    """The node, as its lab's status tells of it; UsageError when no program can be run there."""
    status = keeper.ask(keeper.find(lab), "status")
    found = nodes.find(status, node)
    if found["status"] == "crashed":
        raise UsageError("it has crashed", where=node, hint=f"netlab node {node} restart")
    if status["backend"] == "netns":
        return _Namespaces(found)
    if found["status"] == "frozen":
        raise UsageError("it is frozen", where=node, hint=f"netlab node {node} thaw")
    return _Container(node, found["entry"])


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
