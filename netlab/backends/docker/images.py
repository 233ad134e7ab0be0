"""The images of nodes and fabric: what they are built from, and how an engine builds them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from netlab import __version__
from netlab.backends.docker.archive import Entry, packed
from netlab.backends.docker.containers import LABEL
from netlab.errors import UsageError
from netlab.words import did_you_mean

_PACKAGE = Path(__file__).resolve().parent.parent.parent

#: Inside an installed package, and beside it in a checkout.
_PLACES = (_PACKAGE / "images", _PACKAGE.parent / "images")

#: Starts ``main`` of a module as netlab starts its own processes (netlab.bare): nothing but the
#: standard library and netlab is there, and without TLS it is there the sooner.
_LAUNCHER = """\
#!/usr/bin/env -S python3 -I -S
import sys
sys.modules["ssl"] = None
sys.path.insert(0, "/opt/netlab")
from {module} import main
main()
"""

#: Of netlab's code, what runs inside a lab: the rest neither fills an image nor makes it outdated.
_INSIDE = (
    "__init__.py",
    "clock.py",
    "errors.py",
    "linux.py",
    "log.py",
    "processes.py",
    "agent/**/*.py",
    "backends/__init__.py",
    "backends/docker/__init__.py",
    "backends/docker/fabric.py",
    "backends/docker/frames.py",
    "backends/docker/relay.py",
    "backends/wired/__init__.py",
    "backends/wired/fabric.py",
    "backends/wired/nodes.py",
    "backends/wired/own.py",
    "collect/*.py",
    "fabric/*.py",
    "fabric/emulator/*.py",
    "stack/**/*.py",
    "topology/__init__.py",
    "topology/impairment.py",
    "topology/moment.py",
    "wire/*.py",
    "words.py",
)

_LAUNCHERS = {"agent": "netlab.agent.contained", "fabric": "netlab.backends.docker.fabric"}

_EXECUTABLE, _READABLE = 0o755, 0o644


@dataclass(frozen=True, slots=True)
class Recipe:
    """``packages`` are Debian's; ``agent``: a node is made of it."""

    description: str
    packages: tuple[str, ...]
    agent: bool = True


_WIRING = ("iproute2", "nftables")

#: What people look at networks with.
_TOOLS = (*_WIRING, "curl", "iputils-ping", "netbase", "procps", "tcpdump", "traceroute")

_RECIPES = {
    "fabric": Recipe("What wires, captures and impairs a netlab lab", _WIRING, agent=False),
    "node": Recipe("A host of a netlab lab", _TOOLS),
    "router": Recipe("A router of a netlab lab", (*_TOOLS, "bird2")),
    "servers": Recipe(
        "A host of a netlab lab, with servers and routing daemons",
        (*_TOOLS, "bird2", "bind9-dnsutils", "dnsmasq-base", "lighttpd", "udhcpc"),
    ),
}


def names() -> list[str]:
    """``fabric``, ``node``, ``router`` and ``servers``: what labs are made of."""
    return list(_RECIPES)


def tag(name: str) -> str:
    """The full name of an image of this version of netlab."""
    return f"netlab/{name}:{__version__}"


def check(wanted: str) -> str:
    """The name itself; UsageError when there is no such image to build."""
    if wanted not in names():
        raise UsageError(
            f"netlab has no image {wanted}",
            hint=did_you_mean(wanted, names()) or f"it has {', '.join(names())}",
        )
    return wanted


def _folder() -> Path:
    return next(place for place in _PLACES if place.is_dir())


def _sources() -> Iterator[tuple[str, bytes]]:
    """Path and text of the code that runs inside a lab."""
    for path in sorted(path for pattern in _INSIDE for path in _PACKAGE.glob(pattern)):
        yield f"netlab/{path.relative_to(_PACKAGE)}", path.read_bytes()


@cache
def code() -> str:
    """Says which code of netlab an image has in it, so that one with other code is found out."""
    summed = hashlib.sha256()
    for name, text in _sources():
        summed.update(f"{name}\0{len(text)}\0".encode())
        summed.update(text)
    return summed.hexdigest()[:16]


def is_outdated(labels: Mapping[str, str]) -> bool:
    """Whether an image with these labels has code of netlab in it, but not this one."""
    return labels.get(f"{LABEL}.code", code()) != code()


def context() -> bytes:
    """What the engine builds any image from, as a tar file; the same for the same code."""
    return packed(_files())


def _files() -> Iterator[Entry]:
    yield "Dockerfile", (_folder() / "Dockerfile").read_bytes(), _READABLE
    for path, text in _sources():
        yield f"opt/{path}", text, _READABLE
    for launcher, module in _LAUNCHERS.items():
        yield f"opt/bin/{launcher}", _LAUNCHER.format(module=module).encode(), _EXECUTABLE


def arguments(name: str, base: str | None) -> dict[str, str]:
    """The build arguments of an image."""
    recipe = _RECIPES[name]
    return {
        "VERSION": __version__,
        "CODE": code(),
        "ROLE": name,
        "DESCRIPTION": recipe.description,
        "PACKAGES": " ".join(recipe.packages),
        "AGENT": "true" if recipe.agent else "",
        **({"BASE": base} if base else {}),
    }
