"""What a lab's containers are made of, as the engine's API wants it said. Pure data."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netlab import __version__
from netlab.backends.docker.owner import Owner
from netlab.topology.plan import Node, Plan, Role

Body = dict[str, Any]

LABEL = "org.netlab"
FABRIC = "fabric"

#: How the names of netlab's own images begin.
_OWN = "netlab/"

#: Of the fabric container: make and configure interfaces in any network namespace, capture there,
#: enter namespaces of other processes, and look at them in /proc. See docs/docker.md.
FABRIC_CAPABILITIES = ("NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_PTRACE")

#: Of a node: filters and socket options, raw sockets for ping and captures, ports below 1024.
NODE_CAPABILITIES = ("NET_ADMIN", "NET_RAW", "NET_BIND_SERVICE")

#: What a node may have when its file says nothing.
_MEMORY = 512 << 20
_PIDS = 512

#: Engines loosen these for containers; on a host, they are so.
_AS_ON_A_HOST = {
    "net.ipv4.ip_unprivileged_port_start": "1024",
    "net.ipv4.ping_group_range": "1 0",
}

#: What an image with a root that may be read-only writes to.
_WRITABLE = {"/tmp": "rw,exec,mode=1777", "/run": "rw,exec,mode=755"}  # noqa: S108 - in a container

LAUNCHERS = {"agent": "/opt/netlab/bin/agent", FABRIC: "/opt/netlab/bin/fabric"}

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Image:
    """An image as the engine has it.

    ``agent``: netlab's agent is in it; ``outdated``: it is the agent of another netlab than this.
    """

    name: str
    agent: bool
    read_only: bool
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a lab on an engine: what its containers are called and labelled.

    ``owner`` says whose it is: an Owner in words.
    """

    lab: str
    number: str
    owner: str

    @classmethod
    def new(cls, lab: str) -> Run:
        return cls(lab, os.urandom(8).hex(), str(Owner.this_process()))

    def name(self, node: str) -> str:
        lab = _NOT_IN_NAMES.sub("-", self.lab)
        return f"netlab-{lab}-{self.number[:6]}-{_NOT_IN_NAMES.sub('-', node)}"

    def labels(self, node: str = "") -> dict[str, str]:
        of_node = {f"{LABEL}.node": node} if node else {}
        return {
            f"{LABEL}.lab": self.lab,
            f"{LABEL}.run": self.number,
            f"{LABEL}.owner": self.owner,
            f"{LABEL}.version": __version__,
            **of_node,
        }


def default_image(node: Node) -> str:
    kind = "router" if node.role is Role.ROUTER else "node"
    return f"{_OWN}{kind}:{__version__}"


def image_name(node: Node) -> str:
    """The image of a node; one of netlab's own without a tag is of this version."""
    if not node.image:
        return default_image(node)
    untagged = node.image.startswith(_OWN) and not {":", "@"} & set(node.image)
    return f"{node.image}:{__version__}" if untagged else node.image


def fabric_image() -> str:
    return f"netlab/{FABRIC}:{__version__}"


def fabric(run: Run) -> Body:
    """The body of the request that makes the fabric container."""
    return {
        "Image": fabric_image(),
        "Entrypoint": [LAUNCHERS[FABRIC]],
        "Labels": run.labels(),
        "Hostname": FABRIC,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "OpenStdin": True,
        "StdinOnce": True,  # its input ends with the orchestrator, and then it ends the lab
        "HostConfig": {
            "NetworkMode": "none",
            "PidMode": "host",
            "AutoRemove": True,
            "CapDrop": ["ALL"],
            "CapAdd": list(FABRIC_CAPABILITIES),
            # AppArmor and the read-only /proc/sys would keep it from settings such as rp_filter,
            # which it makes in the nodes' network namespaces.
            "SecurityOpt": ["no-new-privileges", "apparmor=unconfined"],
            "ReadonlyPaths": [],
            "ReadonlyRootfs": True,
            "Tmpfs": _WRITABLE,
            "LogConfig": {"Type": "none"},
        },
    }


def node(run: Run, plan: Plan, node_: Node, image: Image) -> Body:
    """The body of the request that makes a node's container."""
    limits = node_.resources
    memory = limits.memory or _MEMORY
    body: Body = {
        "Image": image.name,
        "Env": [f"{name}={value}" for name, value in node_.env],
        "Labels": run.labels(node_.name),
        "Hostname": node_.name,
        "HostConfig": {
            "NetworkMode": "none",
            "AutoRemove": True,
            "CapDrop": ["ALL"],
            "CapAdd": list(NODE_CAPABILITIES),
            "SecurityOpt": ["no-new-privileges"],
            # The engine puts files into a root that can be written to only.
            "ReadonlyRootfs": image.read_only and not node_.files,
            "Tmpfs": _WRITABLE if image.read_only else {},
            "Binds": [f"{b.source}:{b.target}{':ro' * b.read_only}" for b in node_.binds],
            "Memory": memory,
            "MemorySwap": memory,
            "NanoCpus": int((limits.cpus or 0) * 1_000_000_000),
            "PidsLimit": limits.pids or _PIDS,
            "Sysctls": _AS_ON_A_HOST,
            "ExtraHosts": [
                f"{name}:{entry.address}" for entry in plan.hosts for name in entry.names
            ],
        },
    }
    if node_.command:
        body["Entrypoint"], body["Cmd"] = list(node_.command[:1]), list(node_.command[1:])
    elif image.agent:
        body["Entrypoint"] = [LAUNCHERS["agent"]]
    if node_.user:
        body["User"] = node_.user
    return body


def image_of(name: str, labels: Mapping[str, str] | None) -> Image:
    labels = labels or {}
    return Image(
        name,
        agent=labels.get(f"{LABEL}.agent") == "true",
        read_only=labels.get(f"{LABEL}.read-only") == "true",
    )
