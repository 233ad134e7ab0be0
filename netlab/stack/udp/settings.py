"""What a UDP socket can be told, with what Linux does unasked."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.stack.ip.discovery import PathMtuDiscovery


@dataclass(slots=True)
class UdpSettings:
    """Buffers in bytes. ``hop_limit`` None is the host's.

    Over IPv6, hosts drop what has no ``checksum`` (RFC 8200, 8.1).
    """

    hop_limit: int | None = None
    traffic_class: int = 0
    path_mtu_discovery: PathMtuDiscovery = PathMtuDiscovery.WANT
    checksum: bool = True
    broadcast: bool = False
    reuse_address: bool = False
    reuse_port: bool = False
    only_v6: bool = False
    hear_errors: bool = False
    multicast_hop_limit: int = 1
    multicast_interface: str | None = None
    multicast_loop: bool = True
    #: Groups that another socket of the host has joined are heard, too (IP_MULTICAST_ALL).
    multicast_all: bool = True
    receive_buffer: int = 212_992
    send_buffer: int = 212_992
