"""Engines that cannot be used: each is told in a sentence with the fix, and exit code 3."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from docker.errors import APIError, NotFound

from netlab import __version__
from netlab.backends.docker.engine import Engine
from netlab.errors import EnvironmentLacks, LabError
from netlab.testing.plans import two_hosts
from netlab.testing.played_engine import PlayedEngine

NOBODY = 65_534
FIX = "\n  fix: "
SERVER = two_hosts().node("server")


def refused(host: str, place: Path, *, user: int | None = None) -> str:
    """Run a lab on the engine at ``host``; what the command says when it gives up."""
    out = place / "out"
    words = ["run", "tcp/observed", "--backend", "docker", "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "netlab", *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"DOCKER_HOST": host},
        user=user,
        timeout=30,
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_its_socket_is_missing(place: Path):
    said = refused(f"unix://{place}/none.sock", place)

    assert f"there is no Docker Engine: its socket {place}/none.sock is missing{FIX}" in said


def test_nobody_listens_any_more(place: Path):
    with socket.socket(socket.AF_UNIX) as once:
        once.bind(str(place / "dead.sock"))

    said = refused(f"unix://{place}/dead.sock", place)

    assert f"the Docker Engine at {place}/dead.sock does not run{FIX}" in said


def test_this_user_may_not_speak_to_it(place: Path):
    path = place / "engine.sock"
    with PlayedEngine(path, api="1.47"):
        path.chmod(0)
        said = refused(f"unix://{path}", place, user=NOBODY if os.geteuid() == 0 else None)

    assert "this user may not speak to the Docker Engine" in said
    assert FIX in said


@pytest.mark.parametrize(
    ("api", "too_old"),
    [
        ("1.39", "the Docker Engine played is too old: its API is version 1.39"),
        ("1.9", "API versions below 1.24 are no longer supported"),
    ],
)
def test_it_is_too_old(api: str, too_old: str, place: Path):
    path = place / "engine.sock"
    with PlayedEngine(path, api=api):
        said = refused(f"unix://{path}", place)

    assert too_old in said
    assert FIX in said


def test_it_has_not_the_image(place: Path):
    path = place / "engine.sock"
    with PlayedEngine(path, api="1.47"):
        said = refused(f"unix://{path}", place)

    assert said.endswith(
        f"netlab: the engine has no image netlab/fabric:{__version__}\n  fix: netlab images build\n"
    )


@pytest.mark.parametrize("host", ["nonsense://engine", "tcp://127.0.0.1:1"])
def test_no_engine_can_be_there(host: str, place: Path):
    assert FIX in refused(host, place)


def test_the_sdk_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "docker", None)

    with pytest.raises(EnvironmentLacks, match="needs the docker SDK") as caught:
        Engine.connect()

    assert caught.value.hint == "pip install docker"


def test_images_are_listed_as_missing(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{place}/engine.sock")
    with PlayedEngine(place / "engine.sock", api="1.47"):
        engine = Engine.connect()
        assert engine.images(["netlab/node:1"]) == {}
        with pytest.raises(EnvironmentLacks, match="no image debian:12") as caught:
            engine.image("debian:12")
        engine.close()

    assert caught.value.hint == "docker pull debian:12"


class _Ending:
    """An engine's API where a container ends just when it is to be killed."""

    def __init__(self, status: int, explanation: str) -> None:
        self._refusal = APIError("refused", SimpleNamespace(status_code=status), explanation)
        self.waited: list[str] = []

    def remove_container(self, _container: str, **_how: object) -> None:
        raise self._refusal

    def wait(self, container: str, **_how: object) -> None:
        self.waited.append(container)


@pytest.mark.parametrize(
    ("status", "explanation"),
    [
        (409, "removal of container 12 is already in progress"),
        (500, "Could not kill running container 12, cannot remove - Container 12 is not running"),
    ],
)
def test_a_container_that_ends_by_itself_is_only_waited_for(status: int, explanation: str):
    api = _Ending(status, explanation)

    Engine(SimpleNamespace(api=api)).act("remove", "12", "server")

    assert api.waited == ["12"]


def test_a_container_that_cannot_be_removed_is_told():
    api = _Ending(500, "device or resource busy")

    with pytest.raises(LabError, match="device or resource busy"):
        Engine(SimpleNamespace(api=api)).act("remove", "12", "server")


class _Starting:
    """An engine's API where a container has ended, and is removed, as soon as it is started."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.streams: dict[str, int] = {}

    def create_container_from_config(self, _body: object, _name: str) -> dict[str, str]:
        self.asked.append("create")
        return {"Id": "12"}

    def attach_socket(self, _container: str, streams: dict[str, int]) -> object:
        self.asked.append("attach")
        self.streams = streams
        return object()

    def start(self, _container: str) -> None:
        self.asked.append("start")

    def inspect_container(self, _container: str) -> dict[str, object]:
        raise NotFound("gone", SimpleNamespace(status_code=404), "No such container: 12")


def test_a_container_that_ends_at_once_is_attached_to_before():
    api = _Starting()

    started = Engine(SimpleNamespace(api=api)).start("lab-server", {}, SERVER, attached=True)

    assert api.asked == ["create", "attach", "start"]
    assert api.streams == {"stdout": 1, "stderr": 1, "stream": 1}
    assert (started.container, started.pid) == ("12", 0)
    assert started.printed is not None


def test_a_container_is_not_attached_to_for_nobody():
    api = _Starting()

    started = Engine(SimpleNamespace(api=api)).start("lab-server", {}, SERVER)

    assert api.asked == ["create", "start"]
    assert started.printed is None
