from __future__ import annotations

import os
from pathlib import Path

import pytest

from netlab import folder
from netlab.errors import UsageError
from netlab.folder import FolderInUse, RunFacts, RunFolder

FACTS = RunFacts(
    netlab="0.1.0",
    command="netlab run lab.yaml --seed 1",
    backend="netns",
    seed=1,
    source="lab.yaml",
    started="2026-01-02T03:04:05+00:00",
    kernel="6.1",
)


def finish(made: RunFolder) -> None:
    """A process that ends lets go of its folder."""
    assert made._lock is not None
    os.close(made._lock)


def run_in(path: Path, *files: str) -> None:
    """Leave behind what a run leaves."""
    made = RunFolder.create(path)
    made.write_facts(FACTS)
    for name in files:
        (made / name).write_text("earlier")
    finish(made)


def test_a_new_folder_is_made_with_its_parents(tmp_path: Path):
    made = RunFolder.create(tmp_path / "a" / "b")
    assert (made / "x").parent.is_dir()
    finish(made)


def test_an_earlier_run_is_replaced(tmp_path: Path):
    run_in(tmp_path / "out", *folder.FILES)
    finish(RunFolder.create(tmp_path / "out"))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", [".report.html.x1y2", ".lab.pcapng.ordered"])
def test_so_is_one_that_was_killed_while_it_wrote(tmp_path: Path, name: str):
    run_in(tmp_path / "out", name)
    finish(RunFolder.create(tmp_path / "out"))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", ["thesis.tex", "run.json.bak", ".hidden", "topology.yaml"])
def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path, name: str):
    (tmp_path / name).write_text("precious")
    with pytest.raises(UsageError, match="is not empty and holds no earlier run") as raised:
        RunFolder.create(tmp_path)
    assert raised.value.hint == "choose another folder with --out"
    assert (tmp_path / name).read_text() == "precious"


def test_one_strange_file_beside_an_earlier_run_is_enough(tmp_path: Path):
    run_in(tmp_path, folder.EVENTS)
    (tmp_path / "notes.txt").write_text("precious")
    with pytest.raises(UsageError):
        RunFolder.create(tmp_path)
    assert (tmp_path / folder.EVENTS).read_text() == "earlier"


def test_a_file_in_the_place_of_the_folder(tmp_path: Path):
    (tmp_path / "out").write_text("precious")
    with pytest.raises(UsageError, match=r"cannot use .*out for the run's files: File exists"):
        RunFolder.create(tmp_path / "out")


def test_a_folder_in_the_place_of_a_runs_file(tmp_path: Path):
    run_in(tmp_path)
    (tmp_path / folder.EVENTS).mkdir()
    with pytest.raises(UsageError, match="cannot write to"):
        RunFolder.create(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path):
    run_in(tmp_path)
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match=r"cannot write to .*: [Pp]ermission denied"):
        RunFolder.create(tmp_path)
    with pytest.raises(UsageError, match=r"cannot use .*inner.*: Permission denied"):
        RunFolder.create(tmp_path / "inner")
    tmp_path.chmod(0o700)


def test_two_runs_at_once_do_not_share_a_folder(tmp_path: Path):
    first = RunFolder.create(tmp_path)
    with pytest.raises(FolderInUse, match="is in use by another run"):
        RunFolder.create(tmp_path)
    finish(first)
    finish(RunFolder.create(tmp_path))


def test_facts_are_read_as_they_were_written(tmp_path: Path):
    made = RunFolder.create(tmp_path)
    made.write_facts(FACTS)
    assert made.read_facts() == FACTS
    assert made.present() == (folder.RUN,)
    finish(made)


@pytest.mark.parametrize("missing", [folder.TOPOLOGY, folder.RUN, folder.EVENTS])
def test_a_folder_without_a_run_says_what_is_missing(tmp_path: Path, missing: str):
    for name in {folder.TOPOLOGY, folder.RUN, folder.EVENTS} - {missing}:
        (tmp_path / name).write_text("")
    with pytest.raises(UsageError, match=f"holds no run: {missing} is missing"):
        RunFolder.existing(tmp_path)


def test_a_folder_that_does_not_exist_holds_no_run(tmp_path: Path):
    with pytest.raises(UsageError, match="holds no run"):
        RunFolder.existing(tmp_path / "nowhere")
