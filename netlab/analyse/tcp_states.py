"""The states of a TCP endpoint as its own packets prove them (RFC 9293 section 3.3.2, figure 5).

The table knows only what can be seen on the wire. What ends by a timer or by a call that sends
nothing is not in it; the kernel's own events add that (see kernel_states).
"""

from __future__ import annotations

from enum import Enum, auto

from netlab.wire.states import State


class Observation(Enum):
    """What an endpoint does or takes, seen at its own interface."""

    SENT_SYN = auto()
    SENT_SYN_ACK = auto()
    RECEIVED_SYN = auto()
    RECEIVED_SYN_ACK = auto()
    RECEIVED_ACK_OF_SYN = auto()
    SENT_FIN = auto()
    RECEIVED_ACK_OF_FIN = auto()
    RECEIVED_FIN = auto()
    RECEIVED_FIN_AND_ACK_OF_FIN = auto()
    SENT_RST = auto()
    RECEIVED_RST = auto()
    RECEIVED_RST_OF_PASSIVE_OPEN = auto()


TRANSITIONS: dict[tuple[State, Observation], State] = {
    # from CLOSED
    (State.CLOSED, Observation.SENT_SYN): State.SYN_SENT,
    # from LISTEN
    (State.LISTEN, Observation.RECEIVED_SYN): State.SYN_RCVD,
    (State.LISTEN, Observation.SENT_SYN): State.SYN_SENT,
    # The SYN itself was not captured, but its answer was.
    (State.LISTEN, Observation.SENT_SYN_ACK): State.SYN_RCVD,
    # from SYN_SENT
    (State.SYN_SENT, Observation.RECEIVED_SYN): State.SYN_RCVD,
    (State.SYN_SENT, Observation.RECEIVED_SYN_ACK): State.ESTABLISHED,
    (State.SYN_SENT, Observation.RECEIVED_RST): State.CLOSED,
    # from SYN_RCVD
    (State.SYN_RCVD, Observation.RECEIVED_ACK_OF_SYN): State.ESTABLISHED,
    (State.SYN_RCVD, Observation.RECEIVED_SYN_ACK): State.ESTABLISHED,
    (State.SYN_RCVD, Observation.SENT_FIN): State.FIN_WAIT_1,
    (State.SYN_RCVD, Observation.SENT_RST): State.CLOSED,
    (State.SYN_RCVD, Observation.RECEIVED_RST): State.CLOSED,
    (State.SYN_RCVD, Observation.RECEIVED_RST_OF_PASSIVE_OPEN): State.LISTEN,
    # from ESTABLISHED
    (State.ESTABLISHED, Observation.SENT_FIN): State.FIN_WAIT_1,
    (State.ESTABLISHED, Observation.RECEIVED_FIN): State.CLOSE_WAIT,
    (State.ESTABLISHED, Observation.SENT_RST): State.CLOSED,
    (State.ESTABLISHED, Observation.RECEIVED_RST): State.CLOSED,
    # from FIN_WAIT_1
    (State.FIN_WAIT_1, Observation.RECEIVED_ACK_OF_FIN): State.FIN_WAIT_2,
    (State.FIN_WAIT_1, Observation.RECEIVED_FIN): State.CLOSING,
    (State.FIN_WAIT_1, Observation.RECEIVED_FIN_AND_ACK_OF_FIN): State.TIME_WAIT,
    (State.FIN_WAIT_1, Observation.SENT_RST): State.CLOSED,
    (State.FIN_WAIT_1, Observation.RECEIVED_RST): State.CLOSED,
    # from FIN_WAIT_2
    (State.FIN_WAIT_2, Observation.RECEIVED_FIN): State.TIME_WAIT,
    (State.FIN_WAIT_2, Observation.SENT_RST): State.CLOSED,
    (State.FIN_WAIT_2, Observation.RECEIVED_RST): State.CLOSED,
    # from CLOSE_WAIT
    (State.CLOSE_WAIT, Observation.SENT_FIN): State.LAST_ACK,
    (State.CLOSE_WAIT, Observation.SENT_RST): State.CLOSED,
    (State.CLOSE_WAIT, Observation.RECEIVED_RST): State.CLOSED,
    # from CLOSING
    (State.CLOSING, Observation.RECEIVED_ACK_OF_FIN): State.TIME_WAIT,
    (State.CLOSING, Observation.SENT_RST): State.CLOSED,
    (State.CLOSING, Observation.RECEIVED_RST): State.CLOSED,
    # from LAST_ACK
    (State.LAST_ACK, Observation.RECEIVED_ACK_OF_FIN): State.CLOSED,
    (State.LAST_ACK, Observation.SENT_RST): State.CLOSED,
    (State.LAST_ACK, Observation.RECEIVED_RST): State.CLOSED,
    # from TIME_WAIT (RFC 1337: a RST assassinates it)
    (State.TIME_WAIT, Observation.RECEIVED_RST): State.CLOSED,
}


def following(state: State, observation: Observation) -> State:
    """The state after ``observation``; what the table does not know changes nothing."""
    return TRANSITIONS.get((state, observation), state)
