"""Socket options that the file can set on a service or a client's socket."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Acks(StrEnum):
    """How a socket acknowledges: as its kernel likes, at once, or delayed (RFC 9293 3.8.6.3)."""

    DEFAULT = "default"
    QUICK = "quick"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class SocketOptions:
    """None leaves the kernel's default."""

    mss: int | None = None  # TCP_MAXSEG
    congestion: str | None = None  # TCP_CONGESTION
    acks: Acks = Acks.DEFAULT
    send_buffer: int | None = None  # SO_SNDBUF
    receive_buffer: int | None = None  # SO_RCVBUF
    path_mtu_discovery: bool | None = None  # IP_MTU_DISCOVER: True sets DF, False lets fragment
