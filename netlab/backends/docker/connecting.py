"""Finds a Docker Engine as the ``docker`` command does, and says in words why none answers."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from typing import Any

from netlab.errors import EnvironmentLacks

#: Of the engine's API, as of Docker 19.03.
OLDEST = (1, 40)

_SECONDS_FOR_ONE_REQUEST = 60

#: By these, the docker command finds an engine.
_VARIABLES = (
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
)

_DEFAULT = "unix:///var/run/docker.sock"

#: Of connections that are kept, so that requests at the same time need no new ones.
_CONNECTIONS = 16

_START = "start one (sudo systemctl start docker), or name another in DOCKER_HOST"

#: What an error of the SDK says somewhere -> what that means, and the fix.
_REASONS = (
    (
        r"Permission denied|PermissionError",
        "this user may not speak to the Docker Engine at {where}",
        "sudo usermod -aG docker $USER and log in again, or run netlab as root",
    ),
    (r"No such file", "there is no Docker Engine: its socket {where} is missing", _START),
    (r"[Cc]onnection refused", "the Docker Engine at {where} does not run", _START),
    (
        r"[Tt]imed out|[Tt]imeout",
        "the Docker Engine at {where} does not answer",
        "see whether `docker version` answers; restart the engine if not",
    ),
    (
        r"Name or service not known|name resolution|No address associated|resolve hostname",
        "the Docker Engine's machine is not known: {where}",
        "correct the name in DOCKER_HOST, or the docker context",
    ),
    (
        r"CERTIFICATE|SSL|TLS|[Cc]ertificate|HTTP request to an HTTPS|malformed HTTP|BadStatusLine",
        "the Docker Engine at {where} and netlab do not agree on TLS: {said}",
        "check DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, or the docker context's certificates",
    ),
    (
        r"Install paramiko",
        "the Docker Engine at {where} is reached by ssh, for which the package paramiko is missing",
        "pip install 'netlab[ssh]'",
    ),
    (
        r"bind address|Port could not|[Ii]nvalid (port|URL)|Unsupported protocol",
        "DOCKER_HOST, or the docker context, names no Docker Engine: {where}",
        "it is such as unix:///run/docker.sock, tcp://host:2376 or ssh://user@host",
    ),
    (
        r"ssh|SSH|Broken pipe",
        "the Docker Engine at {where} cannot be reached by ssh: {said}",
        "`ssh` to it has to work without a question, and `docker` has to be there",
    ),
)
_OTHERWISE = ("the Docker Engine at {where} cannot be reached: {said}", "try: docker version")


def environment() -> dict[str, str]:
    """The variables by which this process finds its engine, for others to find the same."""
    return {name: os.environ[name] for name in _VARIABLES if name in os.environ}


def use(environment: Mapping[str, str]) -> None:
    """From now on, find the engine that another process has found by these variables."""
    for name in _VARIABLES:
        os.environ.pop(name, None)
    os.environ.update(environment)


def client() -> Any:
    """The SDK's client of the engine that the ``docker`` command would use.

    DOCKER_HOST names it, else DOCKER_CONTEXT, else the current context; else it is this machine's.
    EnvironmentLacks, with the fix, when none answers or it is too old.
    """
    docker = _sdk()
    context = _chosen_context(docker)
    where = _place(context)
    try:
        _knock(where)
        found = _connected(docker, context, where)
        version = found.api.version(api_version=False)
    except Exception as error:  # the SDK's own, and those of all that it speaks through
        raise unreachable(str(error), where) from error
    _check_age(version)
    return found


def place() -> str:
    """The address of the engine that ``client`` asks."""
    return _place(_chosen_context(_sdk()))


def _place(context: Any) -> str:
    return str(context.Host) if context else os.environ.get("DOCKER_HOST") or _DEFAULT


def _sdk() -> Any:
    try:
        import docker  # noqa: PLC0415 - slow to load, and needed with an engine only
    except ImportError as error:
        raise EnvironmentLacks(
            f"the docker backend needs the docker SDK for Python: {error}",
            hint="pip install docker",
        ) from error
    return docker


def _chosen_context(docker: Any) -> Any:
    """The context that the docker command would use; None for the default one."""
    name = os.environ.get("DOCKER_CONTEXT") or docker.context.config.get_current_context_name()
    if os.environ.get("DOCKER_HOST") or name == "default":
        return None
    context = docker.context.ContextAPI.get_context(name)
    if context is None or not context.Host:
        raise EnvironmentLacks(
            f"there is no docker context {name}", hint="docker context ls shows those there are"
        )
    return context


def _knock(where: str) -> None:
    """Fail as the SDK would at a socket of this machine, which would forget to close its end."""
    if where.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as trial:
            trial.settimeout(_SECONDS_FOR_ONE_REQUEST)
            trial.connect(where.removeprefix("unix://"))


def _connected(docker: Any, context: Any, where: str) -> Any:
    settings: dict[str, Any] = {
        "timeout": _SECONDS_FOR_ONE_REQUEST,
        "max_pool_size": _CONNECTIONS,
        "use_ssh_client": where.startswith("ssh://"),
    }
    if context is None:
        return docker.from_env(**settings)
    return docker.DockerClient(base_url=where, tls=context.TLSConfig or False, **settings)


def unreachable(said: str, where: str) -> EnvironmentLacks:
    """Why no engine answers at ``where``, in words, from what an error of the SDK says."""
    sentence, hint = next(
        ((sentence, hint) for pattern, sentence, hint in _REASONS if re.search(pattern, said)),
        _OTHERWISE,
    )
    place = where.removeprefix("unix://")
    return EnvironmentLacks(sentence.format(where=place, said=said), hint=hint)


def _check_age(version: dict[str, Any]) -> None:
    spoken = version["ApiVersion"]
    if tuple(int(part) for part in spoken.split(".")) < OLDEST:
        raise EnvironmentLacks(
            f"the Docker Engine {version['Version']} is too old: its API is version {spoken}",
            hint="netlab needs Docker 19.03 or newer, whose API is 1.40",
        )
