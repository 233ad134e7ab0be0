"""The socket options that services and clients share."""

from __future__ import annotations

from typing import Annotated

from netlab.topology.model.base import Model
from netlab.topology.model.fields import Congestion, Mss, Size, word_of
from netlab.topology.options import Acks, SocketOptions

_ACKS = word_of(tuple(Acks), "'acks'")


class Options(Model):
    mss: Mss | None = None
    """The largest segment that the socket announces and sends, in bytes (TCP_MAXSEG)."""

    congestion: Congestion | None = None
    """The socket's congestion control."""

    acks: Annotated[str, *_ACKS] = "default"
    """How the socket acknowledges: as the kernel likes, at once, or delayed."""

    send_buffer: Size | None = None
    """SO_SNDBUF."""

    receive_buffer: Size | None = None
    """SO_RCVBUF."""

    def socket_options(self, *, path_mtu_discovery: bool | None = None) -> SocketOptions:
        return SocketOptions(
            mss=self.mss,
            congestion=self.congestion,
            acks=Acks(self.acks),
            send_buffer=self.send_buffer,
            receive_buffer=self.receive_buffer,
            path_mtu_discovery=path_mtu_discovery,
        )
