"""The states of a connection, and the table of what leads from one to the next.

RFC 9293, 3.3.2 (figure 5) and 3.10. A pair that is not in the table changes nothing.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from netlab.wire.states import State


class Input(Enum):
    """What moves a connection: calls of the user, arrivals, and time."""

    PASSIVE_OPEN = "passive open"
    ACTIVE_OPEN = "active open"
    CLOSE = "close"
    ABORT = "abort"
    SYN = "SYN"
    SYN_ACK = "SYN and ACK of SYN"
    ACK_OF_SYN = "ACK of SYN"
    COOKIE = "ACK of a SYN cookie"
    FIN = "FIN"
    ACK_OF_FIN = "ACK of FIN"
    RST = "RST"
    TIMEOUT = "timeout"
    UNREACHABLE = "ICMP error"
    NEW_SYN = "SYN of a new connection"
    TEXT_AFTER_CLOSE = "text that nobody will read"

    # Enum's own is a call of Python, and tables are asked all the time.
    __hash__ = object.__hash__


class Action(Enum):
    """What is done on the way."""

    NOTHING = "nothing"
    SEND_SYN = "send SYN"
    SEND_SYN_ACK = "send SYN,ACK"
    SEND_ACK = "send ACK"
    SEND_FIN = "send FIN"
    SEND_RST = "send RST"
    WAIT = "start 2MSL"
    DELETE = "delete TCB"


class Step(NamedTuple):
    action: Action
    state: State


_S, _I, _A = State, Input, Action

#: (state, input) -> (action, next state)
TABLE: dict[tuple[State, Input], Step] = {
    (_S.CLOSED, _I.PASSIVE_OPEN): Step(_A.NOTHING, _S.LISTEN),
    (_S.CLOSED, _I.ACTIVE_OPEN): Step(_A.SEND_SYN, _S.SYN_SENT),
    (_S.LISTEN, _I.SYN): Step(_A.SEND_SYN_ACK, _S.SYN_RCVD),
    (_S.LISTEN, _I.COOKIE): Step(_A.NOTHING, _S.ESTABLISHED),
    (_S.LISTEN, _I.CLOSE): Step(_A.DELETE, _S.CLOSED),
    (_S.SYN_SENT, _I.SYN): Step(_A.SEND_SYN_ACK, _S.SYN_RCVD),
    (_S.SYN_SENT, _I.SYN_ACK): Step(_A.SEND_ACK, _S.ESTABLISHED),
    (_S.SYN_SENT, _I.CLOSE): Step(_A.DELETE, _S.CLOSED),
    (_S.SYN_RCVD, _I.ACK_OF_SYN): Step(_A.NOTHING, _S.ESTABLISHED),
    (_S.SYN_RCVD, _I.CLOSE): Step(_A.SEND_FIN, _S.FIN_WAIT_1),
    (_S.ESTABLISHED, _I.CLOSE): Step(_A.SEND_FIN, _S.FIN_WAIT_1),
    (_S.ESTABLISHED, _I.FIN): Step(_A.SEND_ACK, _S.CLOSE_WAIT),
    (_S.FIN_WAIT_1, _I.ACK_OF_FIN): Step(_A.NOTHING, _S.FIN_WAIT_2),
    (_S.FIN_WAIT_1, _I.FIN): Step(_A.SEND_ACK, _S.CLOSING),
    (_S.FIN_WAIT_1, _I.TEXT_AFTER_CLOSE): Step(_A.DELETE, _S.CLOSED),
    (_S.FIN_WAIT_2, _I.FIN): Step(_A.WAIT, _S.TIME_WAIT),
    (_S.FIN_WAIT_2, _I.TEXT_AFTER_CLOSE): Step(_A.DELETE, _S.CLOSED),
    (_S.CLOSE_WAIT, _I.CLOSE): Step(_A.SEND_FIN, _S.LAST_ACK),
    (_S.CLOSING, _I.ACK_OF_FIN): Step(_A.WAIT, _S.TIME_WAIT),
    (_S.LAST_ACK, _I.ACK_OF_FIN): Step(_A.DELETE, _S.CLOSED),
    (_S.TIME_WAIT, _I.TIMEOUT): Step(_A.DELETE, _S.CLOSED),
    (_S.TIME_WAIT, _I.NEW_SYN): Step(_A.DELETE, _S.CLOSED),
}

#: RFC 9293, 3.10.5: an ABORT sends a reset where the peer may think that the connection lives.
_ABORT_SENDS_RST = (_S.SYN_RCVD, _S.ESTABLISHED, _S.FIN_WAIT_1, _S.FIN_WAIT_2, _S.CLOSE_WAIT)
_ABORT_SAYS_NOTHING = (_S.SYN_SENT, _S.CLOSING, _S.LAST_ACK, _S.TIME_WAIT)

for _state in (*_ABORT_SENDS_RST, *_ABORT_SAYS_NOTHING):
    _sends = _state in _ABORT_SENDS_RST
    TABLE[_state, _I.ABORT] = Step(_A.SEND_RST if _sends else _A.DELETE, _S.CLOSED)
    TABLE[_state, _I.RST] = Step(_A.DELETE, _S.CLOSED)
    TABLE.setdefault((_state, _I.TIMEOUT), Step(_A.DELETE, _S.CLOSED))
    if _state in {_S.SYN_SENT, _S.SYN_RCVD}:
        TABLE[_state, _I.UNREACHABLE] = Step(_A.DELETE, _S.CLOSED)

#: In these the user may still send.
CAN_SEND = frozenset({_S.ESTABLISHED, _S.CLOSE_WAIT})
#: In these text of the peer is taken in.
CAN_RECEIVE = frozenset({_S.ESTABLISHED, _S.FIN_WAIT_1, _S.FIN_WAIT_2})
#: In these both ends know each other's initial sequence number.
SYNCHRONIZED = frozenset(State) - {_S.CLOSED, _S.LISTEN, _S.SYN_SENT, _S.SYN_RCVD}
