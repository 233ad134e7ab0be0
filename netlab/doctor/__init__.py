"""What this machine has and lacks for labs, found out by trying."""

from __future__ import annotations

import sys

from netlab.backends.features import Feature

_VIRTUAL = Feature("virtual time", present=True, note="--backend sim needs nothing else of this")

_OF_LINUX = "its namespaces are what hosts are; a virtual machine or a container has it"


def examine() -> tuple[Feature, ...]:
    """Takes a fraction of a second and leaves nothing behind."""
    if sys.platform != "linux":
        return (Feature("Linux", present=False, note=_OF_LINUX, required=True), _VIRTUAL)
    from netlab.doctor import host, namespaces  # noqa: PLC0415 - other systems cannot load them

    return (*host.needed(), *namespaces.features(), _VIRTUAL, *host.useful())
