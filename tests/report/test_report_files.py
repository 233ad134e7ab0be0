from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from netlab import report
from netlab.report.run import Run


def test_a_report_is_four_files(tmp_path: Path, run: Run) -> None:
    report.write(tmp_path, run)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(report.FILES)


def test_the_same_run_gives_the_same_bytes(tmp_path: Path, run: Run) -> None:
    (tmp_path / "lab.pcapng").write_bytes(bytes(2048))
    report.write(tmp_path, run)
    first = {name: (tmp_path / name).read_bytes() for name in report.FILES}
    report.write(tmp_path, replace(run, files=(*run.files, *report.FILES)[: len(run.files)]))
    assert {name: (tmp_path / name).read_bytes() for name in report.FILES} == first


def test_sizes_of_the_files_beside_it_are_given(tmp_path: Path, run: Run) -> None:
    (tmp_path / "lab.pcapng").write_bytes(bytes(2048))
    report.write(tmp_path, run)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert '<a href="lab.pcapng">lab.pcapng</a></td><td class="number">2.0 KiB</td>' in page


def test_a_report_replaces_the_one_before(tmp_path: Path, run: Run, failed: Run) -> None:
    report.write(tmp_path, run)
    report.write(tmp_path, failed)
    assert (tmp_path / "report.txt").read_text("utf-8").startswith("failed")


def test_a_form_that_cannot_be_put_in_place_leaves_no_half_file(tmp_path: Path, run: Run) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError, match=r"report\.html"):
        report.write(tmp_path, run)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_text_without_utf_8_form_does_not_stop_the_report(tmp_path: Path, run: Run) -> None:
    report.write(tmp_path, replace(run, plan=replace(run.plan, description="\udcff\ud800")))
    assert "<!DOCTYPE html>" in (tmp_path / "report.html").read_text("utf-8")
