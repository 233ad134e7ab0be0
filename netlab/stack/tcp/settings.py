"""What the user of a connection chooses."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.tcp.delayed_ack import Acks
from netlab.stack.tcp.profile import SynOption


@dataclass(frozen=True, slots=True)
class Keepalive:
    """Times in ns, or None for the profile's; ``count`` probes go without an answer."""

    idle: int | None = None
    interval: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """None is what the profile does.

    ``user_timeout`` (ns) ends a connection whose data is not acknowledged for so long (RFC 9293,
    3.9.1); ``linger`` is 0 to reset on close; ``max_segment`` lowers the MSS that is told and
    used;
    ``urgent_inline`` leaves urgent bytes in the stream; ``reuse_address`` and ``reuse_port`` let
    others have the port, too, if they agree; ``log`` asks for the control block as an event after
    every change.
    """

    reuse_address: bool = True
    reuse_port: bool = False
    only_v6: bool = False
    nodelay: bool = False
    urgent_inline: bool = False
    acks: Acks = Acks.DEFAULT
    path_mtu_discovery: PathMtuDiscovery = PathMtuDiscovery.WANT
    keepalive: Keepalive | None = None
    user_timeout: int | None = None
    linger: int | None = None
    send_buffer: int | None = None
    receive_buffer: int | None = None
    max_segment: int | None = None
    congestion: str | None = None
    hop_limit: int | None = None
    dscp: int = 0
    ecn: bool | None = None
    timestamps: bool = True
    window_scaling: bool = True
    sack: bool = True
    log: bool = False

    def permits(self, option: SynOption) -> bool:
        match option:
            case SynOption.TIMESTAMPS:
                return self.timestamps
            case SynOption.WINDOW_SCALE:
                return self.window_scaling
            case SynOption.SACK_PERMITTED:
                return self.sack
        return True


DEFAULT = Settings()
