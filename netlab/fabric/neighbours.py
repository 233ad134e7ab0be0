"""How many neighbours a lab may come to know, and how many the machine's kernel keeps.

Linux has one neighbour table for each version of IP and all network namespaces together, and its
limits (net.ipv4.neigh.default.gc_thresh1 to 3, and those of net.ipv6) only in the namespace that it
booted with: a lab cannot raise them, and does not change the host.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from netlab.topology.plan import Plan

_LIMIT = "/proc/sys/net/ipv{version}/neigh/default/gc_thresh3"

#: What Linux boots with.
_USUAL = 1024


def most_neighbours(plan: Plan) -> int:
    """Entries for one version of IP when one node of each link has talked to all others there."""
    return sum(2 * (len(link.ends) - 1) for link in plan.links)


def limits() -> Mapping[int, int | None]:
    """By the version of IP; None where this machine does not show it, as in a container."""
    return {version: _limit(Path(_LIMIT.format(version=version))) for version in (4, 6)}


def _limit(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def neighbour_notice(plan: Plan, limits: Mapping[int, int | None]) -> str | None:
    """What to say of a lab that may need more than the machine keeps; None when it fits."""
    most = most_neighbours(plan)
    small = [
        f"net.ipv{version}.neigh.default.gc_thresh3"
        for version, limit in limits.items()
        if (_USUAL if limit is None else limit) < most
    ]
    if not small:
        return None
    settings = " ".join(f"{setting}={2 * most}" for setting in small)
    return (
        f"the lab's nodes can come to know {most} neighbours, more than this machine's kernel keeps"
        f" for all namespaces together ({' and '.join(small)}): packets to those it has no room for"
        f" are lost; as root, outside any container: sysctl -w {settings}"
    )
