"""What recovery tells the connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from netlab.stack.tcp.ranges import Range


class Phase(IntEnum):
    """How the sender regards the path; the values are those of tcp_info's ca_state."""

    OPEN = 0
    DISORDER = 1
    CWR = 2
    RECOVERY = 3
    LOSS = 4


class Expired(Enum):
    RTO = "rto"
    PROBE = "probe"
    REORDERING = "reordering"


@dataclass(frozen=True, slots=True)
class Timeout:
    """A timer that expired.

    PROBE asks for one segment: new data where the peer's window permits it, otherwise ``again``
    (RFC 8985, 7.3). For RTO and REORDERING, ``next_lost`` says what to send again.
    """

    expired: Expired
    again: Range | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What one acknowledgment changed; ``acked`` and ``sacked`` are bytes."""

    acked: int = 0
    sacked: int = 0
    #: What it made believe lost.
    lost: tuple[Range, ...] = ()
    #: The range the peer says it received twice (RFC 2883).
    duplicate: Range | None = None
    #: The phase that began with this acknowledgment.
    entered: Phase | None = None
    #: Nothing had been lost: cwnd and ssthresh are what they were before.
    undone: bool = False
