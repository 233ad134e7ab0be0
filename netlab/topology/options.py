"""Socket options that the file can set on a service or a client's socket."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Acks(StrEnum):
    """How a socket acknowledges: as its kernel likes, at once, or delayed (RFC 9293 3.8.6.3)."""

    DEFAULT = "default"
    QUICK = "quick"
    DELAYED = "delayed"


class PathMtuDiscovery(StrEnum):
    """IP_MTU_DISCOVER (ip(7)): fragment, set DF, set DF always, or set DF and trust no ICMP."""

    DONT = "dont"
    WANT = "want"
    DO = "do"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Keepalive:
    """``idle`` and ``interval`` are whole seconds; None leaves the kernel's default."""

    on: bool = True
    idle: int | None = None
    interval: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class SocketOptions:
    """None leaves the kernel's default."""

    mss: int | None = None  # TCP_MAXSEG
    congestion: str | None = None  # TCP_CONGESTION
    acks: Acks = Acks.DEFAULT
    send_buffer: int | None = None  # SO_SNDBUF
    receive_buffer: int | None = None  # SO_RCVBUF
    path_mtu_discovery: PathMtuDiscovery | None = None  # IP_MTU_DISCOVER
    linger: int | Literal["off"] | None = None  # SO_LINGER, whole seconds
    nodelay: bool | None = None  # TCP_NODELAY
    keepalive: Keepalive | None = None  # SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT
    user_timeout: float | None = None  # TCP_USER_TIMEOUT, seconds
    reuse_address: bool | None = None  # SO_REUSEADDR
    reuse_port: bool | None = None  # SO_REUSEPORT
    ttl: int | None = None  # IP_TTL, IPV6_UNICAST_HOPS
    tos: int | None = None  # IP_TOS, IPV6_TCLASS: DSCP and ECN
    urgent_inline: bool | None = None  # SO_OOBINLINE
    checksum: bool | None = None  # SO_NO_CHECK, UDP_NO_CHECK6_TX


#: The fields that the sockets of a transport do not have.
LACKING = {
    "tcp": ("checksum",),
    "udp": (
        "mss",
        "congestion",
        "acks",
        "linger",
        "nodelay",
        "keepalive",
        "user_timeout",
        "urgent_inline",
    ),
}
