"""The Plan: a lab, fully resolved. Everything above topology/ reads this and nothing of the file.

Lengths are bytes, durations seconds, rates bits per second. All classes are frozen: a Plan made
twice from the same file and seed is equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network
from typing import Any

from netlab.topology.equipment import Bind, File, Readiness, Resources
from netlab.topology.expectations import Expectation
from netlab.topology.filters import PacketFilter
from netlab.topology.impairment import Impairment
from netlab.topology.options import SocketOptions
from netlab.topology.program import ProgramService
from netlab.topology.stacks import Stack
from netlab.topology.steps import Step

IPInterface = IPv4Interface | IPv6Interface
IPNetwork = IPv4Network | IPv6Network


class Role(StrEnum):
    CLIENT = "client"
    SERVER = "server"
    ROUTER = "router"
    HOST = "host"


class Offload(StrEnum):
    """``wire``: no checksum or segmentation offload, captures show what crosses the link."""

    WIRE = "wire"
    FAST = "fast"


class LinkKind(StrEnum):
    POINT_TO_POINT = "point-to-point"
    LAN = "lan"


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface of a node, one end of exactly one link."""

    name: str
    mac: str
    mtu: int
    link: str
    addresses: tuple[IPInterface, ...]
    offload: Offload

    @property
    def has_ipv6(self) -> bool:
        """RFC 8200 section 5: every link must carry 1280 bytes, else it cannot carry IPv6."""
        return self.mtu >= 1280


@dataclass(frozen=True, slots=True)
class End:
    node: str
    interface: str

    def __str__(self) -> str:
        return f"{self.node}:{self.interface}"


@dataclass(frozen=True, slots=True)
class Link:
    """``name`` is how the file and the report call it, such as ``r1 -- server:path1``."""

    name: str
    kind: LinkKind
    ends: tuple[End, ...]
    subnets: tuple[IPNetwork, ...]
    impairments: tuple[Impairment, ...] = ()  # of each stretch that passes the fabric


@dataclass(frozen=True, slots=True)
class Route:
    """``via`` is the next hop's address, reached on the node's own ``interface``."""

    destination: IPNetwork
    via: str
    interface: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How slowly a server reads: at first ``after`` s, then ``size`` bytes ``every`` s.

    With ``until_eof`` it takes up nothing before it has it all.
    """

    after: float
    size: int
    every: float
    until_eof: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A server program in a node. ``address`` None is the wildcard."""

    protocol: str  # echo, discard, daytime, chargen, time
    transport: str  # tcp, udp
    port: int
    address: str | None = None
    model: str | None = None  # how it takes its clients; None: as is usual on the node's stack
    backlog: int = 128
    groups: tuple[str, ...] = ()  # multicast groups that a UDP socket joins on every interface
    think: float = 0.0  # seconds between a request and its reply
    close_after: float = 0.0  # seconds between the peer's FIN and our close
    workers: int = 4  # of prefork and prethread
    accept_lock: bool = False
    read: Reading | None = None
    size: int | None = None  # bytes that chargen sends
    sigurg: bool = False
    options: SocketOptions = field(default_factory=SocketOptions)
    stack: Stack | None = None  # that it is left out without

    @property
    def name(self) -> str:
        return f"{self.protocol} {self.transport}/{self.port}"

    def model_on(self, stack: Stack) -> str:
        """How it takes its clients there; see docs/services.md."""
        return self.model or ("fork" if stack is Stack.KERNEL else "asyncio")


@dataclass(frozen=True, slots=True)
class Node:
    name: str
    role: Role
    interfaces: tuple[Interface, ...]
    routes: tuple[Route, ...] = ()
    sysctls: tuple[tuple[str, str], ...] = ()
    services: tuple[Service, ...] = ()
    programs: tuple[ProgramService, ...] = ()
    congestion: str = "cubic"  # TCP_CONGESTION of its sockets that choose none
    filters: tuple[PacketFilter, ...] = ()
    stack: Stack = Stack.KERNEL
    tcp_info: float | None = None  # seconds between two samples of its connections' tcp_info
    variables: bool = False  # whether the user stack tells its connections' control blocks
    image: str | None = None  # None: netlab's own, by the role
    command: tuple[str, ...] | None = None  # None: the image's own
    user: str | None = None  # of the main program; None: as the image says
    ready: Readiness | None = None  # of the main program
    env: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()
    binds: tuple[Bind, ...] = ()
    resources: Resources = field(default_factory=Resources)
    where: str = ""  # ``file:line:column``

    @property
    def forwards(self) -> bool:
        return self.role is Role.ROUTER


@dataclass(frozen=True, slots=True)
class HostsEntry:
    """One line of the lab's /etc/hosts."""

    address: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    description: str
    source: str  # the topology file's name as given
    seed: int
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    hosts: tuple[HostsEntry, ...]
    steps: tuple[Step, ...]
    expectations: tuple[Expectation, ...]
    notices: tuple[str, ...] = ()  # what was decided for the user and should be said
    backend: str | None = None  # that the file asks for
    stack: Stack | None = None  # that all nodes were put on, whatever the file asks for

    def node(self, name: str) -> Node:
        """Raises KeyError with the name."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """As JSON carries it; steps and expectations say in ``type`` what they are.

        What is in a file is there as its size and its digest.
        """
        plain: dict[str, Any] = _plain(self)
        return plain

    def on_stack(self, stack: Stack) -> Plan:
        """The same lab with every node on that stack."""
        nodes = tuple(replace(node, stack=stack) for node in self.nodes)
        return replace(self, nodes=nodes, stack=stack)

    def on_user_stack(self) -> Plan:
        return self.on_stack(Stack.USER)

    def without_scenario(self) -> Plan:
        """The same lab with nothing to play and nothing to expect."""
        return replace(self, steps=(), expectations=())


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        plain = {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        if isinstance(value, Step | Expectation):
            return {"type": type(value).__name__, **plain}
        return plain
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return {"size": len(value), "sha256": sha256(value).hexdigest()}
    return value if value is None or isinstance(value, bool | int | float) else str(value)
