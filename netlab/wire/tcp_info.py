"""What Linux says of a TCP socket: ``struct tcp_info`` of linux/tcp.h, its part since Linux 2.6."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from netlab.wire.errors import ParseError

#: state, ca_state, retransmits, probes, backoff, options, two bytes of bit fields; then words.
_LAYOUT = Struct("=8B24I")

#: TCP_INFINITE_SSTHRESH: no loss has set a threshold yet.
_INFINITE = 0x7FFFFFFF

_CA_STATES = ("open", "disorder", "cwr", "recovery", "loss")


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """Windows are counted in segments of ``mss`` bytes, times in microseconds.

    ``ssthresh`` is None before the first loss, ``srtt`` before the first measurement. ``unacked``,
    ``sacked``, ``lost`` and ``retrans`` are segments in flight now; ``total_retrans`` counts
    retransmissions since the beginning.
    """

    ca_state: str
    retransmits: int
    rto: int
    mss: int
    unacked: int
    sacked: int
    lost: int
    retrans: int
    srtt: int | None
    rttvar: int
    ssthresh: int | None
    cwnd: int
    total_retrans: int


def parse(data: bytes) -> TcpInfo:
    """ParseError when the kernel's structure is shorter than this one."""
    if len(data) < _LAYOUT.size:
        raise ParseError(f"tcp_info needs {_LAYOUT.size} bytes, there are {len(data)}")
    fields = _LAYOUT.unpack_from(data)
    words = fields[8:]
    return TcpInfo(
        ca_state=_CA_STATES[fields[1]] if fields[1] < len(_CA_STATES) else str(fields[1]),
        retransmits=fields[2],
        rto=words[0],
        mss=words[2],
        unacked=words[4],
        sacked=words[5],
        lost=words[6],
        retrans=words[7],
        srtt=words[15] or None,
        rttvar=words[16],
        ssthresh=words[17] if words[17] < _INFINITE else None,
        cwnd=words[18],
        total_retrans=words[23],
    )
