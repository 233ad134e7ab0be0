"""The netns backend inside one container, with the rights that docs/docker.md asks for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]

PROFILE = f"--security-opt seccomp={ROOT}/images/lab/seccomp.json"
WHOLE_PROC = "--security-opt systempaths=unconfined"
NOTHING_ELSE = "--cap-drop ALL --security-opt no-new-privileges --read-only --tmpfs /tmp"
AS_USER = "--user 1000:1000"

RUN = ("run", "tcp/observed", "--out", "/tmp/out")


class Inside:
    """Runs programs in a container of the image netlab/lab, without a network."""

    def __init__(self, docker: str, image: str) -> None:
        self._docker, self._image = docker, image

    def run(self, *options: str, argv: tuple[str, ...] = RUN) -> tuple[int, str]:
        words = [word for option in options for word in option.split()]
        done = subprocess.run(
            [self._docker, "run", "--rm", "--network", "none", *words, self._image, *argv],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def inside(lab_image: str) -> Inside:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("no docker command: it is what reads a seccomp profile")
    return Inside(docker, lab_image)


def test_an_ordinary_user_needs_no_capability_at_all(inside: Inside):
    code, said = inside.run(AS_USER, PROFILE, WHOLE_PROC, NOTHING_ELSE)

    assert code == 0, said
    assert "passed: 11 expectations met" in said


def test_root_needs_to_change_user_ids_and_no_more(inside: Inside):
    capabilities = "--cap-add SETUID --cap-add SETGID"
    code, said = inside.run(PROFILE, WHOLE_PROC, NOTHING_ELSE, capabilities)

    assert code == 0, said
    assert "passed: 11 expectations met" in said


@pytest.mark.parametrize(
    ("given", "reason", "fix"),
    [
        ((AS_USER,), "the kernel refuses a user namespace", "seccomp"),
        ((AS_USER, PROFILE), "a lab cannot have its own /proc", "systempaths=unconfined"),
        ((PROFILE, WHOLE_PROC, NOTHING_ELSE), "not map user ids", "run as an ordinary user"),
    ],
)
def test_what_is_not_given_is_named_with_the_fix(
    inside: Inside, given: tuple[str, ...], reason: str, fix: str
):
    code, said = inside.run(*given)

    assert code == 3, said
    assert reason in said
    assert fix in said


def test_the_profile_keeps_what_no_lab_needs_from_a_container(inside: Inside):
    asked = (
        "import ctypes, os; c = ctypes.CDLL(None, use_errno=True);"
        "print(c.unshare(0x10000000), c.swapoff(b'/none'), os.strerror(ctypes.get_errno()))"
    )
    _, said = inside.run(PROFILE, "--cap-add SYS_ADMIN --entrypoint python3", argv=("-c", asked))

    assert said.strip() == "0 -1 Operation not permitted"  # and not: No such file or directory
