"""How the sender regards the path, and what makes it think otherwise."""

from __future__ import annotations

from enum import Enum

from netlab.stack.tcp.recovery.progress import Phase


class Happening(Enum):
    #: A duplicate ACK or a SACK block, and nothing lost yet.
    DISORDER = "disorder"
    #: An ACK, and nothing is out of order any more.
    ORDER = "order"
    LOSS = "loss"
    #: ECE on an ACK (RFC 3168, 6.1.2).
    CONGESTION_EXPERIENCED = "congestion experienced"
    #: A tail loss probe filled the hole of a loss that nothing else told of (RFC 8985, 7.4.2).
    LOSS_REPAIRED = "loss repaired"
    TIMEOUT = "timeout"
    #: All that was sent when the phase began is acknowledged.
    COVERED = "covered"
    #: Nothing had been lost.
    NEEDLESS = "needless"

    # Enum's own is a call of Python, and this is asked with every ACK.
    __hash__ = object.__hash__


class Reaction(Enum):
    NONE = "none"
    #: Lower ssthresh, and let cwnd come down to it in proportion (RFC 9937).
    REDUCE = "reduce"
    #: Lower ssthresh and cwnd at once.
    DROP = "drop"
    #: Lower ssthresh, begin with one segment.
    COLLAPSE = "collapse"
    #: cwnd is ssthresh from now on.
    COMPLETE = "complete"
    UNDO = "undo"


_TIMED_OUT = (Reaction.COLLAPSE, Phase.LOSS)
_UNDONE = (Reaction.UNDO, Phase.OPEN)

#: (phase, what happened) -> (reaction, next phase). What is not here changes nothing.
PHASES: dict[tuple[Phase, Happening], tuple[Reaction, Phase]] = {
    (Phase.OPEN, Happening.DISORDER): (Reaction.NONE, Phase.DISORDER),
    (Phase.OPEN, Happening.LOSS): (Reaction.REDUCE, Phase.RECOVERY),
    (Phase.OPEN, Happening.CONGESTION_EXPERIENCED): (Reaction.REDUCE, Phase.CWR),
    (Phase.OPEN, Happening.LOSS_REPAIRED): (Reaction.DROP, Phase.OPEN),
    (Phase.OPEN, Happening.TIMEOUT): _TIMED_OUT,
    (Phase.OPEN, Happening.NEEDLESS): _UNDONE,
    (Phase.DISORDER, Happening.ORDER): (Reaction.NONE, Phase.OPEN),
    (Phase.DISORDER, Happening.LOSS): (Reaction.REDUCE, Phase.RECOVERY),
    (Phase.DISORDER, Happening.CONGESTION_EXPERIENCED): (Reaction.REDUCE, Phase.CWR),
    (Phase.DISORDER, Happening.LOSS_REPAIRED): (Reaction.DROP, Phase.OPEN),
    (Phase.DISORDER, Happening.TIMEOUT): _TIMED_OUT,
    (Phase.DISORDER, Happening.NEEDLESS): (Reaction.UNDO, Phase.DISORDER),
    # One reduction for one window of data, whatever tells of it (RFC 3168, 6.1.2).
    (Phase.CWR, Happening.LOSS): (Reaction.NONE, Phase.RECOVERY),
    (Phase.CWR, Happening.TIMEOUT): _TIMED_OUT,
    (Phase.CWR, Happening.COVERED): (Reaction.COMPLETE, Phase.OPEN),
    (Phase.RECOVERY, Happening.TIMEOUT): _TIMED_OUT,
    (Phase.RECOVERY, Happening.COVERED): (Reaction.COMPLETE, Phase.OPEN),
    (Phase.RECOVERY, Happening.NEEDLESS): _UNDONE,
    (Phase.LOSS, Happening.TIMEOUT): _TIMED_OUT,
    (Phase.LOSS, Happening.COVERED): (Reaction.NONE, Phase.OPEN),
    (Phase.LOSS, Happening.NEEDLESS): _UNDONE,
}
