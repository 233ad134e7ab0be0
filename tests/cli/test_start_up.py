from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from netlab.cli import _COMMANDS, main

SLOW = {"pydantic", "yaml", "jinja2", "rich", "docker", "asyncio"}


def loaded_by(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_help_loads_nothing_slow() -> None:
    assert not SLOW & loaded_by("import netlab.cli")


@pytest.mark.parametrize("module", ["files", "machine", "report"])
def test_a_command_s_help_loads_nothing_slow(module: str) -> None:
    assert not SLOW & loaded_by(f"import netlab.cli.{module}")


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    assert all(f"  {command} " in shown for command in _COMMANDS)


@pytest.mark.parametrize("command", [*_COMMANDS, "images build", "images list"])
def test_every_command_has_help_and_json(command: str) -> None:
    done = CliRunner().invoke(main, [*command.split(), "--help"])
    assert done.exit_code == 0
    assert f"{command} " in done.output
    assert "--json" in done.output or "COMMAND" in done.output  # a group's commands have it


@pytest.mark.parametrize(("typed", "meant"), [("valdiate", "validate"), ("pln", "plan")])
def test_a_mistyped_command_is_answered_with_the_near_one(typed: str, meant: str) -> None:
    done = CliRunner().invoke(main, [typed])
    assert done.exit_code == 2
    assert f"there is no command '{typed}' (did you mean '{meant}'?)" in done.output


def test_a_command_like_no_other_gets_no_proposal() -> None:
    done = CliRunner().invoke(main, ["xyzzy"])
    assert done.exit_code == 2
    assert "there is no command 'xyzzy'\n" in done.output
