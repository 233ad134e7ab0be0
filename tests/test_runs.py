from __future__ import annotations

import signal
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from netlab import folder, runs
from netlab.errors import EnvironmentLacks, LabError, NetlabError, UsageError
from netlab.report.run import HostFacts, Run
from netlab.runs import Done, Phases, command
from netlab.scenario.verdict import Judgement, Verdict
from netlab.testing import plans
from netlab.testing.backend import PlayedBackend
from netlab.testing.runs import analysed
from netlab.topology.stacks import Stack

PASSED = Judgement("fast enough", "lab.yaml:1:1", passed=True, expected="1", seen="1")
FAILED = replace(PASSED, passed=False)


def done(verdict: Verdict, broken: NetlabError | None = None, number: int | None = None) -> Done:
    plan = plans.two_hosts()
    run = Run(
        plan=plan,
        events=(),
        analysis=analysed(plan, ""),
        verdict=verdict,
        command="",
        netlab_version="",
        backend="played",
        started=datetime(2026, 1, 2, tzinfo=UTC),
        files=(),
        host=HostFacts("", ()),
    )
    return Done(run, Path("out"), broken, number, {})


@pytest.mark.parametrize(
    ("over", "code"),
    [
        (done(Verdict(())), 0),
        (done(Verdict((PASSED,))), 0),
        (done(Verdict((PASSED, FAILED))), 1),
        (done(Verdict((PASSED,), failures=("connect failed",))), 1),
        (done(Verdict((PASSED,)), LabError("it broke")), 4),
        (done(Verdict((FAILED,)), EnvironmentLacks("no namespaces")), 3),
        (done(Verdict((PASSED,), interrupted="SIGINT"), number=signal.SIGINT), 130),
        (done(Verdict(()), LabError("it broke"), signal.SIGTERM), 143),
    ],
)
def test_the_exit_code_tells_what_came_of_a_run(over: Done, code: int):
    assert over.exit_code == code


def test_the_command_that_does_the_same_again():
    assert command("run", Path("my lab.yaml"), None, 7) == "netlab run 'my lab.yaml' --seed 7"
    assert command("up", Path("a.yaml"), Path("out"), 7) == "netlab up a.yaml --seed 7 --out out"
    own = command("run", Path("a.yaml"), None, 7, backend="docker", stack=Stack.USER)
    assert own == "netlab run a.yaml --seed 7 --backend docker --stack user"


def test_phases_are_told_and_timed():
    told: list[str] = []
    phases = Phases(told.append)
    for phase in ("load", "up", None):
        phases.begin(phase)
    assert told == ["load", "up"]
    assert list(phases.seconds) == ["load", "up"]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "lab.yaml"
    made.write_text("name: dialogue\n")
    return made


def prepare(file: Path, out: Path | None = None) -> Path:
    backend = PlayedBackend(lambda _: None)
    run_folder, _ = runs.prepare(plans.two_hosts(), file, out=out, backend=backend)
    return run_folder.path


def test_a_run_begins_with_its_facts_and_its_file(file: Path):
    path = prepare(file)
    assert path == Path("netlab-out/dialogue")
    assert {each.name for each in path.iterdir()} == {folder.RUN, folder.TOPOLOGY}
    assert (path / folder.TOPOLOGY).read_text() == "name: dialogue\n"


def test_runs_at_the_same_time_get_a_folder_each(file: Path):
    assert prepare(file) != prepare(file)


def test_runs_at_the_same_time_do_not_share_a_folder_that_was_asked_for(file: Path):
    prepare(file, Path("out"))
    with pytest.raises(UsageError, match="out is in use by another run"):
        prepare(file, Path("out"))


def test_a_file_can_be_run_again_from_the_folder_of_its_run(file: Path, tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    (out / folder.RUN).write_text("{}")
    (out / folder.TOPOLOGY).write_bytes(file.read_bytes())
    prepare(out / folder.TOPOLOGY, out)
    assert (out / folder.TOPOLOGY).read_text() == "name: dialogue\n"
