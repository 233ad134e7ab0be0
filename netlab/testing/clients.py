"""Clients of a service under test, which give up after 20 seconds."""

from __future__ import annotations

import socket


def connected(target: tuple[str, int]) -> socket.socket:
    return socket.create_connection(target, timeout=20)


def read_to_end(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65_536), b""))


def bound_udp(target: tuple[str, int]) -> socket.socket:
    """A UDP socket connected to ``target``."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(20)
    made.connect(target)
    return made
