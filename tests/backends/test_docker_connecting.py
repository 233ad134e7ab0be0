"""Which engine is asked, and what is said when it does not answer."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from netlab.backends.docker import connecting
from netlab.errors import EnvironmentLacks
from netlab.testing.played_engine import PlayedEngine

SETTINGS = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for each in SETTINGS:
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


@pytest.fixture
def played(place: Path) -> Iterator[PlayedEngine]:
    with PlayedEngine(place / "engine.sock", api="1.41") as engine:
        yield engine


@pytest.fixture
def fake(played: PlayedEngine) -> str:
    return played.host


def refusal() -> EnvironmentLacks:
    with pytest.raises(EnvironmentLacks) as raised:
        connecting.client()
    return raised.value


def make_context(folder: Path, name: str, host: str) -> None:
    """As `docker context create` stores one."""
    stored = folder / "contexts" / "meta" / sha256(name.encode()).hexdigest()
    stored.mkdir(parents=True)
    endpoints = {"docker": {"Host": host, "SkipTLSVerify": False}}
    (stored / "meta.json").write_text(
        json.dumps({"Name": name, "Metadata": {}, "Endpoints": endpoints})
    )


def answered() -> str:
    """The version of the engine that answers; only the played one has this."""
    client = connecting.client()
    version: str = client.api.version()["Version"]
    client.close()
    return version


def test_docker_host_is_asked(fake: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", fake)
    assert answered() == "played"


def test_else_the_context_of_the_environment(
    fake: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    make_context(tmp_path, "far", fake)
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "gone"}))
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    assert answered() == "played"


def test_else_the_current_context(fake: str, tmp_path: Path):
    make_context(tmp_path, "far", fake)
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "far"}))
    assert answered() == "played"


def test_docker_host_goes_before_a_context(
    fake: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    make_context(tmp_path, "far", "unix:///nowhere")
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "far"}))
    monkeypatch.setenv("DOCKER_HOST", fake)
    assert answered() == "played"


def test_a_context_that_is_not_there(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    error = refusal()
    assert error.message == "there is no docker context far"
    assert error.hint.startswith("docker context ls")


def test_an_engine_that_is_too_old(played: PlayedEngine, monkeypatch: pytest.MonkeyPatch):
    played.api = "1.39"
    monkeypatch.setenv("DOCKER_HOST", played.host)
    error = refusal()
    assert error.message == "the Docker Engine played is too old: its API is version 1.39"
    assert "19.03" in error.hint


def test_no_socket(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    error = refusal()
    assert error.message == "there is no Docker Engine: its socket /nowhere/docker.sock is missing"
    assert "DOCKER_HOST" in error.hint


def test_a_socket_that_nobody_listens_to(monkeypatch: pytest.MonkeyPatch, place: Path):
    path = place / "left.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    assert refusal().message == f"the Docker Engine at {path} does not run"


@pytest.mark.ordinary_user
def test_a_socket_of_somebody_else(fake: str, monkeypatch: pytest.MonkeyPatch):
    Path(fake.removeprefix("unix://")).chmod(0)
    monkeypatch.setenv("DOCKER_HOST", fake)
    error = refusal()
    assert error.message.startswith("this user may not speak to the Docker Engine")
    assert "usermod -aG docker" in error.hint


def test_a_port_that_nobody_listens_to(monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{port}")
    assert refusal().message == f"the Docker Engine at tcp://127.0.0.1:{port} does not run"


def test_an_engine_that_says_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connecting, "_SECONDS_FOR_ONE_REQUEST", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("DOCKER_HOST", where)
        assert refusal().message == f"the Docker Engine at {where} does not answer"


def test_certificates_that_are_not_there(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", "/nowhere")
    error = refusal()
    assert "do not agree on TLS" in error.message
    assert "DOCKER_CERT_PATH" in error.hint


@pytest.mark.parametrize("rubbish", ["rubbish", "tcp://a:b:c"])
def test_what_names_no_engine(rubbish: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", rubbish)
    error = refusal()
    assert error.message.endswith(f"names no Docker Engine: {rubbish}")
    assert "tcp://host:2376" in error.hint


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Failed to resolve 'far' ([Errno -2] Name or service not known)", "machine is not known"),
        ("Install paramiko package to enable ssh:// support", "the package paramiko is missing"),
        ("ssh: connect to host far port 22", "cannot be reached by ssh: ssh: connect"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "do not agree on TLS"),
        ("something new", "cannot be reached: something new"),
    ],
)
def test_what_the_sdk_says_is_told_in_words(said: str, told: str):
    error = connecting.unreachable(said, "tcp://far:2376")
    assert told in error.message
    assert error.hint
    assert error.exit_code == 3
