"""What images are made of, and what an engine makes of that."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import netlab
from netlab import __version__
from netlab.backends.docker import images
from netlab.backends.docker.archive import packed
from netlab.backends.docker.containers import LABEL
from netlab.backends.docker.engine import Engine
from netlab.errors import EnvironmentLacks, LabError, UsageError
from netlab.testing.archives import unpacked

PACKAGE = Path(netlab.__file__).parent


def written(archive: bytes, into: Path) -> Path:
    for name, (_, content) in unpacked(archive).items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_bytes(content)
    return into


def imported(source: str) -> Iterator[str]:
    """The modules that a source file imports when it runs, at once or later."""
    tree = ast.parse(source)
    for_types = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for statement in branch.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Constant) and str(node.value).startswith("netlab."):
            yield str(node.value)  # the name of a module, for a process of its own


def file_of(module: str) -> Path | None:
    path = PACKAGE.parent / module.replace(".", "/")
    found = [each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()]
    return found[0] if found else None


def test_there_is_an_image_for_the_fabric_for_hosts_and_for_routers():
    assert {"fabric", "node", "router"} <= set(images.names())
    assert images.tag("node") == f"netlab/node:{__version__}"


def test_an_image_that_netlab_has_not_is_refused_with_what_was_meant():
    with pytest.raises(UsageError, match="netlab has no image roter") as caught:
        images.check("roter")

    assert "router" in caught.value.hint


def test_the_same_code_gives_the_same_context():
    """Byte for byte: the engine builds nothing again then."""
    assert images.context() == images.context()


def test_a_context_has_the_dockerfile_the_code_and_both_launchers():
    files = unpacked(images.context())

    assert b"ARG BASE=" in files["Dockerfile"][1]
    assert "opt/netlab/agent/contained.py" in files
    assert "opt/netlab/backends/docker/fabric.py" in files
    for launcher, module in {"agent": "netlab.agent.contained", "fabric": "docker.fabric"}.items():
        mode, text = files[f"opt/bin/{launcher}"]
        assert mode == 0o755
        assert text.startswith(b"#!/usr/bin/env -S python3 -I -S\n")
        assert f"{module} import main".encode() in text


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A netlab of one module."""
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "main.py").write_text("one = 1\n")
    monkeypatch.setattr(images, "_PACKAGE", tmp_path)
    images.code.cache_clear()
    yield tmp_path
    images.code.cache_clear()


def _code() -> str:
    images.code.cache_clear()
    return images.code()


def test_other_code_is_found_out(package: Path):
    module = package / "agent" / "main.py"
    before = _code()

    module.write_text("one = 2\n")
    changed = _code()
    module.write_text("one = 1\n")
    again = _code()
    module.rename(package / "agent" / "other.py")
    renamed = _code()

    assert len({before, changed, renamed}) == 3
    assert again == before


@pytest.mark.parametrize("name", images.names())
def test_a_build_is_told_what_the_image_is(name: str):
    told = images.arguments(name, None)

    assert (told["VERSION"], told["CODE"], told["ROLE"]) == (__version__, images.code(), name)
    assert told["AGENT"] == ("" if name == "fabric" else "true")
    assert "iproute2" in told["PACKAGES"].split()
    assert "BASE" not in told
    assert images.arguments(name, "netlab/base") == {**told, "BASE": "netlab/base"}


def test_the_dockerfile_asks_for_all_that_a_build_is_told():
    asked = set(re.findall(r"^ARG (\w+)", dockerfile(), re.MULTILINE))

    assert asked == set(images.arguments("node", "netlab/base"))


@pytest.mark.parametrize("launcher", ["agent", "fabric"])
def test_all_that_a_launcher_needs_is_in_the_image(launcher: str, tmp_path: Path):
    root = written(images.context(), tmp_path) / "opt"
    to_see = list(imported((root / "bin" / launcher).read_text()))
    seen: set[str] = set()
    assert any(each.startswith("netlab.") for each in to_see)
    while to_see:
        module = to_see.pop()
        path = file_of(module)
        if module in seen or path is None or not module.startswith("netlab"):
            continue
        seen.add(module)
        assert (root / path.relative_to(PACKAGE.parent)).is_file(), module
        to_see += imported(path.read_text())


@pytest.mark.parametrize("launcher", ["agent", "fabric"])
def test_what_is_in_an_image_runs_with_the_standard_library_alone(launcher: str, tmp_path: Path):
    root = written(images.context(), tmp_path) / "opt"
    program = (root / "bin" / launcher).read_text().replace("/opt/netlab", str(root))
    without_its_call = program.removesuffix("main()\n")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"{without_its_call}print(main.__module__)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith("netlab.")


def test_reports_and_command_line_stay_outside(tmp_path: Path):
    inside = written(images.context(), tmp_path) / "opt" / "netlab"
    assert not (inside / "report").exists()
    assert not (inside / "cli").exists()
    assert not (inside / "backends" / "docker" / "engine.py").exists()


def test_the_code_of_an_image_says_whether_it_is_outdated():
    assert not images.is_outdated({f"{LABEL}.code": images.code()})
    assert images.is_outdated({f"{LABEL}.code": "another"})
    assert not images.is_outdated({"somebody": "else's"})


def dockerfile() -> str:
    return (PACKAGE.parent / "images" / "Dockerfile").read_text()


def test_the_base_is_pinned_and_the_licence_named():
    assert "@sha256:" in dockerfile().partition("\n")[2].partition("\n")[0]
    assert 'org.opencontainers.image.licenses="Apache-2.0"' in dockerfile()


def test_code_comes_after_packages_so_that_a_change_of_it_is_built_quickly():
    steps = dockerfile()
    assert steps.index("apt-get install") < steps.index("COPY") < steps.index("ARG CODE")


@pytest.mark.docker
class TestOnAnEngine:
    def test_images_are_small_and_labelled(self, engine: Engine):
        known = engine.images([images.tag(name) for name in images.names()])
        assert len(known) == len(images.names())
        for name in images.names():
            found = known[images.tag(name)]
            labels = found["Config"]["Labels"]
            assert labels["org.opencontainers.image.version"] == netlab.__version__
            assert labels[f"{LABEL}.role"] == name
            assert labels[f"{LABEL}.agent"] == ("" if name == "fabric" else "true")
            assert found["Size"] < 250_000_000

    def test_a_base_that_nobody_has(self, engine: Engine):
        with pytest.raises(EnvironmentLacks, match="cannot fetch its base image") as raised:
            engine.build(
                "netlab/test-never",
                images.context(),
                images.arguments("node", "nobody.invalid/none"),
                lambda _line: None,
            )
        assert "scripts/base-image" in raised.value.hint

    def test_a_build_that_fails_shows_what_it_said_last(self, engine: Engine):
        with pytest.raises(LabError, match="could not be built") as raised:
            engine.build(
                "netlab/test-never",
                broken_context(),
                {"BASE": images.tag("fabric")},
                lambda _line: None,
            )
        assert "this is why" in raised.value.hint

    def test_an_image_with_other_code_is_known_as_outdated(self, engine: Engine):
        try:
            engine.build(
                "netlab/test-other",
                only_a_dockerfile(f"FROM {images.tag('node')}\nLABEL {LABEL}.code=other\n"),
                {},
                lambda _line: None,
            )
            assert engine.image("netlab/test-other").outdated
        finally:
            engine._api.remove_image("netlab/test-other")

    def test_the_list_says_that_all_are_there(self, engine: Engine):
        done = subprocess.run(
            [sys.executable, "-m", "netlab", "images", "list", "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        rows = json.loads(done.stdout)
        assert [row["image"] for row in rows] == [images.tag(name) for name in images.names()]
        assert all(row["is_there"] and row["is_current"] and row["bytes"] for row in rows)


def only_a_dockerfile(text: str) -> bytes:
    return packed([("Dockerfile", text.encode(), 0o644)])


def broken_context() -> bytes:
    return only_a_dockerfile("ARG BASE\nFROM ${BASE}\nRUN echo this is why; exit 7\n")
