"""What recovery tells the connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

#: Unwrapped sequence numbers; the end is not part of it.
Range: TypeAlias = tuple[int, int]


class Phase(Enum):
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
    again: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What one acknowledgment changed. ``acked``, ``sacked`` and ``lost`` are bytes."""

    acked: int = 0
    sacked: int = 0
    lost: int = 0
    #: The range the peer says it received twice (RFC 2883).
    duplicate: tuple[int, int] | None = None
    #: The phase that began with this acknowledgment.
    entered: Phase | None = None
    #: The phase that ended with it was found needless, and cwnd is what it was before.
    undone: bool = False
