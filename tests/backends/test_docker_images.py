from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from netlab import __version__
from netlab.backends.docker import images
from netlab.errors import UsageError
from netlab.testing.archives import unpacked


def test_there_is_an_image_for_the_fabric_for_hosts_and_for_routers():
    assert {"fabric", "node", "router"} <= set(images.names())
    assert images.tag("node") == f"netlab/node:{__version__}"


def test_an_image_that_netlab_has_not_is_refused_with_what_was_meant():
    with pytest.raises(UsageError, match="netlab has no image roter") as caught:
        images.check("roter")

    assert "router" in caught.value.hint


@pytest.mark.parametrize("name", images.names())
def test_the_same_code_gives_the_same_context(name: str):
    """Byte for byte: the engine builds nothing again then."""
    assert images.context(name) == images.context(name)


@pytest.mark.parametrize("name", images.names())
def test_a_context_has_the_dockerfile_the_code_and_both_launchers(name: str):
    files = unpacked(images.context(name))

    assert b"ARG BASE=" in files["Dockerfile"][1]
    assert "netlab/agent/contained.py" in files
    assert "netlab/backends/docker/fabric.py" in files
    for launcher, module in {"agent": "netlab.agent.contained", "fabric": "docker.fabric"}.items():
        mode, text = files[f"bin/{launcher}"]
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


def test_a_build_is_told_version_code_and_base():
    assert images.arguments(None) == {"VERSION": __version__, "CODE": images.code()}
    assert images.arguments("netlab/base")["BASE"] == "netlab/base"
