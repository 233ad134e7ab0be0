"""What UDP sockets tell the program that drives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlab.stack.udp.socket import UdpSocket


@dataclass(frozen=True, slots=True)
class DatagramReady:
    """The socket has something to receive that had nothing before."""

    socket: UdpSocket


@dataclass(frozen=True, slots=True)
class ErrorPending:
    """The next call of the socket fails, or its error queue has an entry."""

    socket: UdpSocket


UdpEvent = DatagramReady | ErrorPending
