"""scripts/engine: an engine that changes nothing, and leaves nothing however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("dockerd") and shutil.which("curl")),
    reason="needs root, dockerd and curl: scripts/system-packages --engine",
)


class Own:
    """An engine of the script's, in a folder whose name is short enough for sockets."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nl-", dir="/tmp"))
        self.socket = self.folder / "docker.sock"

    def run(self, *words: str, expect: int = 0) -> str:
        done = subprocess.run(
            [ROOT / "scripts/engine", *words],
            env={**os.environ, "NETLAB_ENGINE": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    def processes(self) -> list[int]:
        """Those with the engine's folder on their command lines."""
        return [pid for pid, line in _command_lines() if f"{self.folder}/" in line]

    def mounts(self) -> list[str]:
        """Those of this machine that have to do with it."""
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
        return [line for line in lines if str(self.folder) in line]


def _command_lines() -> Iterator[tuple[int, str]]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield int(path.parent.name), path.read_text().replace("\0", " ")
        except (OSError, UnicodeDecodeError):  # it has ended, or has no text for a name
            continue


def host() -> dict[str, object]:
    """What an engine might change of its machine; others may change mounts and links meanwhile."""
    settings = ("net/ipv4/ip_forward", "kernel/keys/root_maxkeys", "net/ipv4/conf/all/forwarding")
    return {
        "bridge": Path("/sys/class/net/docker0").exists(),
        "folders": [Path(each).exists() for each in ("/etc/docker/key.json", "/etc/docker")],
        "settings": [Path("/proc/sys", each).read_text() for each in settings],
    }


@pytest.fixture
def own() -> Iterator[Own]:
    before = host()
    made = Own()
    yield made
    made.run("stop")
    assert not made.folder.exists()
    assert not made.processes()
    assert not made.mounts()
    assert host() == before
    left = [each for each in Path("/sys/fs/cgroup").glob("*/netlab-engine-*") if _is_of(each, made)]
    assert not left


def _is_of(group: Path, engine: Own) -> bool:
    summed = subprocess.run(
        ["cksum"], input=str(engine.folder), capture_output=True, text=True, check=True
    )
    return group.name == f"netlab-engine-{summed.stdout.split()[0]}"


def test_it_starts_answers_and_ends(own: Own):
    before = host()
    assert "No engine answers" in own.run("status", expect=3)
    assert "An engine answers" in own.run("start")
    assert host() == before
    assert not own.mounts()
    assert own.run("environment") == f"export DOCKER_HOST=unix://{own.socket}\n"
    assert "answers" in own.run("status")
    assert "already" in own.run("start")
    assert own.socket.stat().st_mode & 0o007 == 0, "an engine is root's: nobody else may use it"


def test_with_a_bridge_it_is_in_a_network_of_its_own(own: Own):
    before = host()
    own.run("start", "--with-bridge")
    assert host() == before
    pid = int((own.folder / "dockerd.pid").read_text())
    assert Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    inside = subprocess.run(
        ["nsenter", f"--net=/proc/{pid}/ns/net", "ip", "-brief", "link"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "docker0" in inside.stdout


def test_one_that_was_killed_is_cleaned_up(own: Own):
    own.run("start")
    os.kill(int((own.folder / "dockerd.pid").read_text()), signal.SIGKILL)
    own.run("stop")
    assert not own.folder.exists()
    assert not own.processes()


def test_its_images_may_be_kept(own: Own):
    own.run("start")
    own.run("stop", "--keep")
    assert (own.folder / "data" / "image").is_dir()
    assert not own.processes()
    own.run("start")


def test_one_that_cannot_start_says_why(own: Own):
    (own.folder / "data").write_text("in the way")
    out = own.run("start", expect=3)
    assert not out
    assert (own.folder / "dockerd.log").read_text()


def test_what_was_never_started_is_stopped_in_peace(own: Own):
    own.run("stop")
    assert not own.folder.exists()
