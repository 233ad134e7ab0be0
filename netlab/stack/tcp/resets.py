"""What answers a segment that no connection takes (RFC 9293, 3.10.7.1)."""

from __future__ import annotations

from netlab.stack.tcp.outgoing import Outgoing
from netlab.stack.tcp.pair import Pair
from netlab.stack.tcp.segment import ACK, FIN, RST, SYN
from netlab.stack.tcp.sequence import wrap
from netlab.wire.tcp import FLAGS, Tcp


def answer(pair: Pair, header: Tcp, size: int, hop_limit: int) -> Outgoing | None:
    """A reset with the numbers that the sender expects; none for a reset.

    ``pair`` is ours, ``size`` the length of the segment's text.
    """
    flags = int(header.flags)
    if flags & RST:
        return None
    if flags & ACK:
        return _reset(pair, header.acknowledgment, 0, RST, hop_limit)
    length = size + bool(flags & SYN) + bool(flags & FIN)
    return _reset(pair, 0, wrap(header.sequence + length), RST | ACK, hop_limit)


def _reset(pair: Pair, sequence: int, number: int, flags: int, hop_limit: int) -> Outgoing:
    header = Tcp(pair.local_port, pair.remote_port, sequence, number, FLAGS[flags])
    return Outgoing(pair.local, pair.remote, header, hop_limit=hop_limit)
