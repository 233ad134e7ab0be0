"""Files of the host that a lab sees differently: names resolve to data-plane addresses."""

from __future__ import annotations

from netlab.topology.plan import Plan

_LOCALHOST = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"

#: No name server of the host is reachable from a lab, so that none is asked.
_RESOLVER = "# netlab: names are in /etc/hosts\noptions timeout:1 attempts:1\n"


def lab_files(plan: Plan) -> dict[str, str]:
    """Path -> text, the same for all nodes of a lab."""
    entries = "".join(f"{entry.address}\t{' '.join(entry.names)}\n" for entry in plan.hosts)
    return {"/etc/hosts": _LOCALHOST + entries, "/etc/resolv.conf": _RESOLVER}
