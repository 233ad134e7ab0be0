from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from netlab.folder import REPORTS

Netlab = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.lab
def test_the_reports_of_a_run_are_made_again_from_its_folder(
    run: Netlab, pair: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    assert run("run", pair, "--out", folder).returncode == 0
    first = {name: (folder / name).read_text() for name in REPORTS}
    for name in REPORTS:
        (folder / name).unlink()

    again = run("report", folder)

    assert again.returncode == 0
    assert again.stdout == f"passed: 1 expectation met\nreport: {folder}/report.html\n"
    assert {name: (folder / name).read_text() for name in REPORTS} == first


@pytest.mark.lab
def test_an_unmet_expectation_is_unmet_again(run: Netlab, pair: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    pair.write_text(pair.read_text().replace("count: 2", "count: 3"))
    assert run("run", pair, "--out", folder).returncode == 1

    again = run("report", folder, "--json")

    assert again.returncode == 1
    told = json.loads(again.stdout)
    assert told["passed"] is False
    assert told["headline"] == "failed: 1 of 1 expectation not met"
    assert all(Path(each).is_file() for each in told["reports"])


def test_a_folder_without_a_run_is_refused_in_words(run: Netlab, tmp_path: Path) -> None:
    done = run("report", tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"netlab: {tmp_path} holds no run: topology.yaml is missing",
        "  fix: a run's folder is what `netlab run FILE --out DIR` leaves",
    ]


def test_a_folder_that_is_not_there_is_refused_in_words(run: Netlab) -> None:
    done = run("report", "nowhere")
    assert done.returncode == 2
    assert "'nowhere' does not exist" in done.stderr


def test_a_damaged_run_is_refused_in_words(run: Netlab, tmp_path: Path) -> None:
    for name in ("topology.yaml", "run.json", "events.jsonl"):
        (tmp_path / name).write_text("{")
    done = run("report", tmp_path)
    assert done.returncode == 2
    assert "cannot be read as a run" in done.stderr
    assert "Traceback" not in done.stderr
