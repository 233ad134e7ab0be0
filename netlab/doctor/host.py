"""What can be told from outside a lab: programs, limits, and other services of the machine."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from netlab import apart
from netlab.backends.features import Feature
from netlab.collect import tracer

_OLDEST_PYTHON = (3, 11)

#: A lab of a hundred nodes stays below these.
_OPEN_FILES = 4096
_PROCESSES = 512
_NETWORK_NAMESPACES = 256

_DOCKER = "unix:///var/run/docker.sock"

#: Seconds for a Docker Engine to answer.
_ANSWERS_WITHIN = 0.3


def needed() -> Iterator[Feature]:
    yield Feature(
        "Python",
        sys.version_info >= _OLDEST_PYTHON,
        platform.python_version() + ("" if sys.version_info >= _OLDEST_PYTHON else " is too old"),
        required=True,
    )
    yield _program("ip", "iproute2", "makes the links", required=True)


def useful() -> Iterator[Feature]:
    yield _program("tc", "iproute2", "sets queueing disciplines")
    yield _program("nft", "nftables", "filters packets")
    yield _exact_states()
    yield _open_files()
    yield _processes()
    yield _network_namespaces()
    yield _tun()
    yield _docker()


def _program(name: str, package: str, purpose: str, *, required: bool = False) -> Feature:
    path = shutil.which(name)
    note = f"{path}, {purpose}" if path else f"{purpose}; install the package {package}"
    return Feature(name, path is not None, note, required)


def _exact_states() -> Feature:
    name = "exact TCP states"
    if os.geteuid() != 0:
        return Feature(
            name,
            present=False,
            note="only root may trace the kernel: states are polled and joined with the capture;"
            " run a lab with sudo for exact ones",
        )
    try:
        traceable = apart.call(lambda: tracer.mount_tracefs().is_dir())
    except OSError as error:
        return Feature(
            name, present=False, note=f"tracefs: {error.strerror}; states are polled instead"
        )
    return Feature(name, traceable, "from the kernel's trace event inet_sock_set_state")


def _open_files() -> Feature:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = most == resource.RLIM_INFINITY
    enough = unlimited or most >= _OPEN_FILES
    said = "without limit" if unlimited else f"a process may open {most}"
    return Feature(
        "open files",
        enough,
        said if enough else f"{said}; large labs need {_OPEN_FILES}: raise `ulimit -Hn`",
    )


def _processes() -> Feature:
    """The smallest of this user's limit and those of this control group and its parents."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    limits = [limit for limit in (soft, *_group_limits()) if limit != resource.RLIM_INFINITY]
    if not limits:
        return Feature("processes", present=True, note="without limit")
    enough = min(limits) >= _PROCESSES
    said = f"up to {min(limits)}"
    return Feature(
        "processes",
        enough,
        said if enough else f"{said}; each node is one: raise `ulimit -u` or pids.max",
    )


def _group_limits() -> Iterator[int]:
    """pids.max of the cgroup v2 hierarchy, from our group upwards."""
    entries = _text(Path("/proc/self/cgroup")).splitlines()
    own = next((each[3:].lstrip("/") for each in entries if each.startswith("0::")), None)
    if own is None:
        return
    root = Path("/sys/fs/cgroup")
    for group in (root / own, *(root / own).parents):
        if group.is_relative_to(root) and (text := _text(group / "pids.max")).isdigit():
            yield int(text)


def _network_namespaces() -> Feature:
    text = _text(Path("/proc/sys/user/max_net_namespaces"))
    enough = not text.isdigit() or int(text) >= _NETWORK_NAMESPACES
    said = f"up to {text}" if text else "without a limit that this user can read"
    fix = f"; each node is one: sudo sysctl -w user.max_net_namespaces={4 * _NETWORK_NAMESPACES}"
    return Feature("network namespaces", enough, said + ("" if enough else fix))


def _tun() -> Feature:
    path = "/dev/net/tun"
    if os.access(path, os.R_OK | os.W_OK):
        return Feature(path, present=True, note="can be opened")
    why = "this user may not open it" if Path(path).exists() else "the kernel module tun is absent"
    return Feature(path, present=False, note=f"{why}; no lab needs it: nodes are joined by veth")


def _docker() -> Feature:
    name = "Docker Engine"
    address = os.environ.get("DOCKER_HOST") or _DOCKER
    if not address.startswith("unix://"):
        return Feature(
            name, present=False, note=f"{address} was not asked; labs in containers need it"
        )
    try:
        answers = _ping(address.removeprefix("unix://"))
    except OSError as error:
        return Feature(
            name, present=False, note=f"{address}: {error.strerror}; labs in containers need it"
        )
    said = "answers" if answers else "is there but does not answer"
    return Feature(name, answers, f"{address} {said}; labs in containers need it")


def _ping(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as engine:
        engine.settimeout(_ANSWERS_WITHIN)
        engine.connect(path)
        engine.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
        return b" 200 " in engine.recv(64)


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
