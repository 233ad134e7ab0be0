from __future__ import annotations

from pathlib import Path

import pytest

from netlab import shipped
from netlab.errors import UsageError


def test_names_are_group_and_lab():
    assert "tcp/observed" in shipped.names()
    assert shipped.names() == sorted(shipped.names())
    assert all(name.count("/") == 1 and not name.endswith(".yaml") for name in shipped.names())


@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_lab_is_found_by_its_name_from_anywhere(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    assert shipped.find(name).is_file()
    assert shipped.find(f"{name}.yaml") == shipped.find(name)


def test_a_file_of_ones_own_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tcp").mkdir()
    own = tmp_path / "tcp" / "observed.yaml"
    own.write_text("name: mine\n")
    assert shipped.find("tcp/observed.yaml").resolve() == own
    assert shipped.find("tcp/observed").resolve() != own


def test_a_folder_is_no_topology_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tcp" / "observed").mkdir(parents=True)
    assert shipped.find("tcp/observed").is_file()
    with pytest.raises(UsageError, match="tcp is a folder, not a topology file"):
        shipped.find("tcp")


def test_a_name_that_is_nearly_right():
    with pytest.raises(UsageError, match="there is no file tcp/observd") as raised:
        shipped.find("tcp/observd")
    assert raised.value.hint == "did you mean 'tcp/observed'?"


@pytest.mark.parametrize("name", ["qqqq", "", "../../etc/passwd-not", "x" * 5000, "a\0b"])
def test_a_name_that_is_nothing(name: str):
    with pytest.raises(UsageError, match="nor a shipped lab of that name") as raised:
        shipped.find(name)
    assert "tcp/observed" in raised.value.hint
