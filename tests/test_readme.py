from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from netlab import shipped
from netlab.cli import _COMMANDS, main
from netlab.topology.loading import load_text

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def commands() -> list[list[str]]:
    """What the README tells to type after a prompt, without its comments."""
    return [
        line.removeprefix("$ ").partition(" #")[0].split()
        for block in blocks("console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]


def test_the_lab_in_the_readme_is_one() -> None:
    (text,) = blocks("yaml")
    plan = load_text(text, "bottleneck.yaml")
    assert f"{plan.name}.yaml" in text
    assert plan.notices == ()


@pytest.mark.lab
def test_the_lab_in_the_readme_meets_its_expectations(tmp_path: Path) -> None:
    file = tmp_path / "bottleneck.yaml"
    file.write_text(blocks("yaml")[0])
    done = CliRunner().invoke(main, ["run", str(file), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    ladder = (tmp_path / "out" / "report.txt").read_text()
    assert "x lost in r1" in ladder
    assert "ICMP fragmentation needed" in ladder


def test_the_scripts_in_the_readme_are_there() -> None:
    scripts = {words[0] for words in commands() if words[0].startswith("scripts/")}
    assert scripts == {"scripts/demo"}
    for name in (*scripts, "scripts/test"):
        assert name in README
        assert (ROOT / name).stat().st_mode & 0o111


def test_the_commands_in_the_readme_are_there() -> None:
    typed = {words[1] for words in commands() if words[0] == "netlab"}
    assert typed == {"run", "plan", "up", "exec", "down", "images"}
    assert typed <= set(_COMMANDS)


def test_the_first_command_stands_on_the_first_screen() -> None:
    assert README.index("$ scripts/demo") < README.index("\n## ")
    assert README[: README.index("$ scripts/demo")].count("\n") < 12


def test_the_table_of_labs_is_the_shipped_labs() -> None:
    listed = re.findall(r"^\| \[(\w+/[\w-]+)\]\(docs/lessons/(.+?)\.md\)", README, re.MULTILINE)
    assert all(name.replace("/", "-") == lesson for name, lesson in listed)
    assert sorted(name for name, _ in listed) == shipped.names()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []
