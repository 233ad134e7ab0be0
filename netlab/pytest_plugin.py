"""netlab in pytest: the fixture ``lab``, and topology files that are tests themselves.

Labs run in processes of their own, so tests may have threads and may run side by side. What a run
wrote is kept when its test fails.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

if TYPE_CHECKING:
    from netlab.report.run import Run

_LACKS = 3  # the exit code of a machine that cannot run labs, see docs/troubleshooting.md
_SUFFIXES = frozenset({".yaml", ".yml"})
_TOPOLOGY = re.compile(r"^nodes:", re.MULTILINE)
_NAME = re.compile(r"^(name:\s*)([a-z][a-z0-9-]*)", re.MULTILINE)
_LONGEST_NAME = 40

_REPORT = pytest.StashKey[pytest.TestReport]()
_CHOSEN = pytest.StashKey[frozenset[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("netlab")
    group.addoption(
        "--netlab", action="store_true", help="topology files among the test files are tests"
    )
    group.addoption(
        "--netlab-backend", metavar="NAME", help="what nodes of labs are: netns, docker or sim"
    )
    group.addoption(
        "--netlab-stack", metavar="NAME", help="whose TCP/IP nodes of labs speak: kernel or user"
    )
    parser.addini("netlab_yaml", "topology files that are tests, as globs", type="args")
    parser.addini("netlab_out", "where runs of failed tests are kept", default="netlab-out/tests")


def pytest_configure(config: pytest.Config) -> None:
    patterns = config.getini("netlab_yaml")
    config.stash[_CHOSEN] = frozenset(
        path for pattern in patterns for path in config.rootpath.glob(pattern)
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix not in _SUFFIXES:
        return None
    config = parent.config
    if file_path in config.stash[_CHOSEN] or (
        config.getoption("--netlab") and _TOPOLOGY.search(file_path.read_text(errors="replace"))
    ):
        return TopologyFile.from_parent(parent, path=file_path)
    return None


class TopologyFile(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        yield TopologyItem.from_parent(self, name="run")


class TopologyItem(pytest.Item):
    """One topology file, run; its expectations are what is asserted."""

    def runtest(self) -> None:
        with _folder(self) as folder:
            ran = _run(self.path, folder, _chosen(self.config))
            if not ran.passed:
                raise LabFailed(ran)

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,
    ) -> Any:
        if isinstance(excinfo.value, LabFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"lab {self.path.stem}"


@pytest.hookimpl(hookwrapper=True)  # the way that pytest 7 knows too
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    outcome = yield
    report = outcome.get_result()
    if report.when == "call":
        item.stash[_REPORT] = report


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that is over: ``said`` is what netlab said of it, ``folder`` what it wrote.

    ``summary`` is that of ``netlab run --json``; empty when there was nothing to run.
    """

    exit_code: int
    said: str
    folder: Path
    summary: dict[str, Any]

    @property
    def passed(self) -> bool:
        return self.exit_code == 0

    def read(self) -> Run:
        """Plan, events, packets and verdict."""
        from netlab import record  # noqa: PLC0415 - most tests ask only whether it passed
        from netlab.folder import RunFolder  # noqa: PLC0415 - likewise

        return record.read(RunFolder(self.folder))


class LabFailed(AssertionError):
    """A topology file's expectations are not met, or it cannot be run."""

    def __init__(self, ran: Ran) -> None:
        super().__init__(ran.said)


class UpLab:
    """A lab that is up, its scenario not played."""

    def __init__(self, name: str) -> None:
        self.name = name

    def exec(self, node: str, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run one of this machine's programs in a node."""
        return _netlab("exec", "--lab", self.name, node, "--", *argv)


class Labs:
    """What the fixture ``lab`` gives: labs from topology files, their paths, or their texts."""

    def __init__(self, folder: Path, choosing: Sequence[str] = ()) -> None:
        self._folder = folder
        self._choosing = choosing
        self._count = 0

    def run(self, topology: str | Path, *, seed: int | None = None) -> Ran:
        """Play the scenario and judge the expectations; look at ``passed`` of the answer."""
        place = self._place()
        seeding = [] if seed is None else ["--seed", str(seed)]
        return _run(_file(topology, place), place / "run", [*self._choosing, *seeding])

    @contextmanager
    def up(self, topology: str | Path) -> Iterator[UpLab]:
        """A lab that is up until the context ends. Its name gets a suffix: tests run at once."""
        place = self._place()
        with _renamed(_file(topology, place), place) as file:
            done = _netlab("up", str(file), "--out", str(place / "run"), *self._choosing, "--json")
        if done.returncode != 0:
            _skip_where_no_lab_runs(done)
            raise AssertionError(done.stderr)
        name = json.loads(done.stdout)["lab"]
        try:
            yield UpLab(name)
        finally:
            _netlab("down", name)

    def _place(self) -> Path:
        self._count += 1
        place = self._folder / str(self._count)
        place.mkdir(parents=True)
        return place


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Iterator[Labs]:
    """Runs labs; what they wrote is kept when the test fails."""
    with _folder(request.node, failed=lambda: _has_failed(request.node)) as folder:
        yield Labs(folder, _chosen(request.config))


@contextmanager
def _folder(item: pytest.Item, failed: Callable[[], bool] = lambda: False) -> Iterator[Path]:
    """The test's own; gone afterwards unless the test failed."""
    out = item.config.rootpath / item.config.getini("netlab_out")
    folder = out / re.sub(r"[^A-Za-z0-9._-]+", "-", item.nodeid).strip("-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    item.add_report_section("call", "netlab", f"what the labs wrote: {folder}")
    yield folder
    if not failed():
        shutil.rmtree(folder, ignore_errors=True)


def _has_failed(item: pytest.Item) -> bool:
    report = item.stash.get(_REPORT, None)
    return report is None or report.failed


def _file(topology: str | Path, place: Path) -> Path:
    """The file of a path, or a file with the text."""
    if isinstance(topology, Path) or "\n" not in topology:
        return Path(topology)
    file = place / "topology.yaml"
    file.write_text(topology)
    return file


@contextmanager
def _renamed(file: Path, place: Path) -> Iterator[Path]:
    """The same lab with a name of its own, beside ``file``: others that it names are there too."""
    text = file.read_text()
    renamed = file.with_name(f".{_own_name(file.stem, place)}.yaml")
    renamed.write_text(_NAME.sub(lambda match: match[1] + _own_name(match[2], place), text, 1))
    try:
        yield renamed
    finally:
        renamed.unlink()


def _own_name(name: str, place: Path) -> str:
    suffix = f"-{crc32(str(place).encode()):08x}"
    return name[: _LONGEST_NAME - len(suffix)] + suffix


def _chosen(config: pytest.Config) -> list[str]:
    """The words that choose backend and stack."""
    chosen = {each: config.getoption(f"--netlab-{each}") for each in ("backend", "stack")}
    return [word for each, name in chosen.items() if name for word in (f"--{each}", name)]


def _run(file: Path, folder: Path, options: Sequence[str]) -> Ran:
    done = _netlab("run", str(file), "--out", str(folder), *options, "--json")
    _skip_where_no_lab_runs(done)
    summary = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    return Ran(done.returncode, done.stderr + _told(summary), folder, summary)


def _skip_where_no_lab_runs(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode == _LACKS:
        pytest.skip(f"this machine runs no lab: {done.stderr.strip()}")


def _told(summary: dict[str, Any]) -> str:
    lines = []
    for each in summary.get("expectations", ()):
        lines.append(f"{'PASS' if each['passed'] else 'FAIL'}  {each['text']}")
        if not each["passed"]:
            lines += [f"      where:    {each['where']}"]
            for key in ("expected", "seen"):
                lines += _indented(key, each[key])
    lines += [f"FAIL  {failure}" for failure in summary.get("failures", ())]
    if summary.get("error"):
        lines.append(summary["error"])
    return "\n".join(lines)


def _indented(key: str, text: str) -> list[str]:
    first, *more = text.split("\n")
    return [f"      {key + ':':<9} {first}", *(f"{'':16}{line}" for line in more)]


def _netlab(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "netlab", *words], capture_output=True, text=True, check=False
    )
