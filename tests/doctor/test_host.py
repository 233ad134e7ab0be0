from __future__ import annotations

import resource
import socket
import threading
from pathlib import Path

import pytest

from netlab.backends.features import Feature
from netlab.doctor import host


def named(name: str) -> Feature:
    return next(each for each in (*host.needed(), *host.useful()) if each.name == name)


def test_this_python_is_new_enough() -> None:
    assert named("Python").present


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert named("ip") == Feature(
        "ip", present=False, note="makes the links; install the package iproute2", required=True
    )


def test_few_open_files_are_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (256, 256))
    assert not named("open files").present
    assert named("open files").note == (
        "a process may open 256; large labs need 4096: raise `ulimit -Hn`"
    )
    assert not named("processes").present


def test_no_limit_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    infinite = resource.RLIM_INFINITY
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (infinite, infinite))
    monkeypatch.setattr(host, "_group_limits", lambda: iter(()))
    assert named("open files") == Feature("open files", present=True, note="without limit")
    assert named("processes") == Feature("processes", present=True, note="without limit")


@pytest.mark.ordinary_user
def test_users_are_told_how_to_get_exact_states() -> None:
    assert not named("exact TCP states").present
    assert "run a lab with sudo" in named("exact TCP states").note


def test_no_engine_is_asked_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    assert (
        named("Docker Engine").note
        == "tcp://192.0.2.1:2375 was not asked; labs in containers need it"
    )


def test_no_engine_where_there_is_no_socket(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert "none.sock: No such file or directory" in named("Docker Engine").note


@pytest.mark.parametrize(("answer", "present"), [("200 OK", True), ("500 Oh", False)])
def test_an_engine_is_there_when_it_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str, present: bool
) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(path))
        engine.listen()

        def serve() -> None:
            client, _ = engine.accept()
            with client:
                assert client.recv(64).startswith(b"GET /_ping ")
                client.sendall(f"HTTP/1.0 {answer}\r\n\r\n".encode())

        serving = threading.Thread(target=serve)
        serving.start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        feature = host._docker()
        serving.join()
    assert feature.present is present
